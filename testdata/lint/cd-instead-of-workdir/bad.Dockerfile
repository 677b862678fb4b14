FROM debian:12
# hadolint ignore=DL3059
RUN cd /app && \
    # builds
    make
RUN cd /src && make && cd sub
