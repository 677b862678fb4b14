FROM debian:12
USER daemon
