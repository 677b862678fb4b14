# syntax=docker/dockerfile:1
ARG VERSION=1
FROM debian:${VERSOIN}
FROM debian:$TAG
