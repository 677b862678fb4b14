FROM debian:12
ENV A=env
ARG A=arg
RUN echo $A
LABEL a=$A
FROM debian:12
ARG B=arg
ENV B=env
LABEL b=$B
ARG LANG=de
LABEL lang=$LANG
