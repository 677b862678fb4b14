FROM scratch AS none
FROM scratch
COPY --from=none /a /b
