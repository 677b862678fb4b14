# Escape=\
FROM debian:12
