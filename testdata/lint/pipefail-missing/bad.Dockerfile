FROM debian:12
RUN a | b
FROM alpine:3.20
RUN c | d
FROM debian:12
SHELL ["/bin/bash", "-e", "-c"]
RUN e | f
