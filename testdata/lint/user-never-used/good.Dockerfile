FROM debian:12
RUN useradd -m app && useradd -u 1234 -m other
USER app
USER 1234
