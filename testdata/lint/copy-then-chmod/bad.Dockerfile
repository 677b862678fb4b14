FROM debian:12
COPY run.sh /run.sh
RUN chmod 755 /run.sh
