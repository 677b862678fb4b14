FROM fedora:40
RUN true
