FROM debian:12
RUN apt-get install -y \
    zlib \
    # small
    b \
    c=1
