FROM fedora:40
RUN rpm -i --nosignature a.rpm
