FROM debian:12
USER 1000
COPY --chown=1000 a /a
USER root
COPY b /b
