FROM fedora:40
RUN rpm -i a.rpm
