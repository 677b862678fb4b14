FROM debian:12
RUN apt-get update
RUN apt-get install -y a
FROM debian:12
RUN apt-get update
COPY a /b
