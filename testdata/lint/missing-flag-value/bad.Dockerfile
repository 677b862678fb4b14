FROM scratch
COPY --chown a /b
HEALTHCHECK --interval CMD ["a"]
