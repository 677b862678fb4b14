FROM debian:12
RUN wget -q https://example.org/a
