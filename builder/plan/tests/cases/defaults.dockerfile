#! label build=1
#! label c=flag
FROM debian:12
ARG P=9000
LABEL a=1 "b c"="d e" c=3
EXPOSE 80 8000-8002/udp $P 443/TCP 127.0.0.1:1:22
VOLUME /data ["x"]
VOLUME ["/a b", "$P"]
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=1m30s --timeout=1500ms --retries=3 CMD curl -f localhost || exit 1
MAINTAINER Some One
