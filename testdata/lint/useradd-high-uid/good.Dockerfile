FROM debian:12
RUN useradd -l -u 123456 me && useradd -u 1000 you
