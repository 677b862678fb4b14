FROM docker.io/debian:12
