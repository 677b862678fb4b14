FROM debian:12
run a
Run b
USER 1
