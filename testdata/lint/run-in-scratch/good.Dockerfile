FROM scratch
ADD root.tar /
RUN true
