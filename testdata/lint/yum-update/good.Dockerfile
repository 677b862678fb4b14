FROM centos:7
RUN true
