FROM fedora:40
RUN dnf install -y curl-8.0 && dnf clean all
