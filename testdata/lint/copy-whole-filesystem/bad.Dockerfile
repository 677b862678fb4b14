FROM debian:12 AS base
FROM scratch
COPY --from=base / /
