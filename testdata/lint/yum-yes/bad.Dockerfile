FROM centos:7
RUN yum install curl-8.0 && yum clean all
