FROM debian:12
ENV A=${B^^}
ENV C=${D:x}
USER ${E
WORKDIR /a'b
STOPSIGNAL "c
