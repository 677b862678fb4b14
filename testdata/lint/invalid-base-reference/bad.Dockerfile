FROM debian:
