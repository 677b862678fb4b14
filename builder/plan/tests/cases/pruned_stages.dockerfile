#! target BUILD
FROM missing-one AS unused
COPY --from=later / /
FROM debian:12 AS base
FROM debian:12 AS tools
FROM base AS build
RUN --mount=from=tools,target=/t make
FROM missing-two AS later
