FROM debian:12
COPY run.sh /run.sh
RUN chmod 755 /run.sh && /run.sh
COPY a /a
RUN chmod +x /a
