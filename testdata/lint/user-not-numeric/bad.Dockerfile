FROM debian:12
USER nobody:users
RUN useradd -u 1234 app
USER app
