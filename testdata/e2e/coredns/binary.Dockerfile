# Compiles the binary that the project's own Dockerfile expects in its context.
FROM golang:1.26.3 AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags='-s -w -buildid=' -o /out/coredns .
FROM scratch
COPY --from=build /out/coredns /
