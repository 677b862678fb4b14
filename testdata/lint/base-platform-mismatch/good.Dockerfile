FROM debian:13 AS a
FROM --platform=linux/arm64/v8 alpine:3.20
FROM a
