FROM --platform=linux/arm64 debian:12
