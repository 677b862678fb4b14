FROM scratch
RUN true
