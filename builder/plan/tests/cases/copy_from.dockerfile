FROM debian:12 AS a
FROM debian:12 AS b
COPY --from=0 /x /x
COPY --from=A /y /y
COPY --from=app:1 /z /z
COPY --from=scratch / /
