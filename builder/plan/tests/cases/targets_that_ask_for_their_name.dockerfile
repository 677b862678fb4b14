#! target a
#! target b
FROM debian:12 AS a
ARG TARGETSTAGE
RUN a
FROM a AS b
