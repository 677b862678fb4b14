FROM debian:12
COPY app.tar /app.tar
RUN tar -xf /app.tar
