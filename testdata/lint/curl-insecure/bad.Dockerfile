FROM debian:12
RUN curl -fk https://example.org/a
