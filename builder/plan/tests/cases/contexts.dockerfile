#! context debian:12=docker-image://registry.local:5000/debian:12
#! context src=dir
#! context tools=docker-image://app:1
FROM debian:12 AS base
FROM missing AS tools
RUN never
FROM base
COPY --from=src a b/
COPY --from=tools /c /c
RUN --mount=from=src,target=/src true
