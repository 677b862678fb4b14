FROM debian:12
COPY --from=app:1 / /
