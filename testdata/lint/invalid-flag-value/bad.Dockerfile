FROM scratch
COPY --link=yes a /b
HEALTHCHECK --interval=5 --timeout=10us --start-period=soon --retries=-1 CMD ["a"]
