FROM debian:12
USER root
RUN true
USER 1000
