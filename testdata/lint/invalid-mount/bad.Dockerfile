FROM debian:12
RUN --mount=type=cahce,target=/a b
