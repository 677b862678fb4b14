FROM debian:12
VOLUME /var/run/docker.sock
RUN --mount=type=bind,source=docker.sock,target=/var/run/docker.sock docker ps
