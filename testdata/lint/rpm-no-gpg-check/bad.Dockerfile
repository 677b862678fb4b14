FROM fedora:40
RUN dnf install -y --nogpgcheck a-1 && dnf clean all
