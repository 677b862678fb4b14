FROM scratch AS base
FROM scratch
COPY --from=bese /a /a
