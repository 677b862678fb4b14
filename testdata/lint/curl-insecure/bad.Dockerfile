FROM debian:12
RUN curl -fk https://example.org/a
RUN curl -k \
      https://example.org/b
RUN ["curl", "--insecure", "https://example.org/c"]
