FROM debian:12 AS a
COPY --from=b / /
COPY --from=a / /
COPY --from=9 / /
COPY --from=-1 / /
COPY --from=$X / /
COPY --from=UPPER/x / /
FROM debian:12 AS b
COPY --from=a / /
FROM debian:12 AS c
COPY --from=b / /
COPY --from=d / /
RUN --mount=from=e,target=/e true
FROM c AS d
FROM debian:12 AS e
FROM d
