FROM fedora:40
RUN yum install -y curl-8.0 && yum clean all
