FROM debian:12
ADD app.tar /
COPY other.tar /
