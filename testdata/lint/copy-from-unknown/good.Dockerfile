FROM scratch AS base
FROM scratch
COPY --from=base /a /a
COPY --from=0 /b /b
COPY --from=debian:12 /c /c
