FROM example.org/debian:12 AS base
FROM base
FROM scratch
