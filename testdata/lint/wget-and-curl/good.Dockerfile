FROM debian:12
RUN curl https://example.org/b
