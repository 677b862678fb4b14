FROM debian:12
RUN chpasswd < /run/a
