FROM scratch AS base
FROM scratch
COPY --from=base /a /b
