FROM missing:1 AS build
COPY --from=biuld /a /a
COPY --from=missing:2 /a /a
RUN --mount=from=missing:3,target=/x true
FROM build
