FROM scratch AS base
COPY --from=base /a /b
