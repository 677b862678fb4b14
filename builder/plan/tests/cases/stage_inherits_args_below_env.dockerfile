FROM debian:12 AS base
ENV X=env
ARG X=arg
RUN echo $X
FROM base
RUN echo $X
