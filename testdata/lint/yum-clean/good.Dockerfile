FROM centos:7
RUN yum install -y curl-8.0 && yum clean all
