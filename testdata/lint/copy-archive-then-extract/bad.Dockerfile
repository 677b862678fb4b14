FROM debian:12
COPY app.tar /tmp/app.tar
RUN tar -xf /tmp/app.tar -C /app && rm /tmp/app.tar
