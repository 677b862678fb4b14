FROM scratch AS base
FROM base AS one
FROM scratch AS BASE
COPY --from=base /a /b
RUN --mount=type=bind,from=Base,target=/m ["/m/a"]
