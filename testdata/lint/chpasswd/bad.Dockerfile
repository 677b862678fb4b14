FROM debian:12
RUN useradd a && chpasswd < /run/a
RUN chpasswd -c SHA512 < /run/b 2>&1
