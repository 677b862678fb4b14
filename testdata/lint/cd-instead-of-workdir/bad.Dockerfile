FROM debian:12
# hadolint ignore=DL3059
RUN cd /app && \
    make
RUN cd /src && make && cd sub
RUN cd /kept && \
    # builds
    make
