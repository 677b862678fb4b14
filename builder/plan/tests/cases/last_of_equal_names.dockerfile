FROM debian:12 AS a
RUN first
FROM app:1 AS a
RUN second
FROM a
COPY --from=a / /
