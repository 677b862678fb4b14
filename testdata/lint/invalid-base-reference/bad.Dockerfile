FROM debian:
FROM https://example.org/debian:12
