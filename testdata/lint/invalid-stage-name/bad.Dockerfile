FROM scratch AS 1.Build/app
FROM scratch
COPY --from=1.build/app a /b
