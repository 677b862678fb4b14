FROM debian:12
ENV PIP_TRUSTED_HOST=example.org
