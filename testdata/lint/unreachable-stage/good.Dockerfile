FROM debian:12 AS base
FROM debian:12
COPY --from=base /a /a
