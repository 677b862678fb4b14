FROM fedora:40
RUN yum install -y curl && yum clean all
