FROM debian:12
RUN --device=a,b a
