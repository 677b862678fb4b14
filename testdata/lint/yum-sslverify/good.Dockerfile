FROM fedora:40
RUN dnf makecache
