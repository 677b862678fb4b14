#! arg D=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
#! context gcr.io/distroless/static@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855=docker-image://local/static:1
ARG D
FROM gcr.io/distroless/static@$D
COPY a /
