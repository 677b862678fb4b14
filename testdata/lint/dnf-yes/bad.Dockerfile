FROM fedora:40
RUN dnf install curl-8.0 && dnf clean all
