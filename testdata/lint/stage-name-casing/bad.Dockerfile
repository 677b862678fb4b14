FROM scratch AS Base
FROM scratch
COPY --from=Base /a /a
