FROM debian:12 AS a
COPY --from=b / /
FROM debian:12 AS b
