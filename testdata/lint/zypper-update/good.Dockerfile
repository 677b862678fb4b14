FROM opensuse/leap:15
RUN true
