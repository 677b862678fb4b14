FROM --platform=linux/arm64 scratch
COPY hello /
ENTRYPOINT ["/hello"]
