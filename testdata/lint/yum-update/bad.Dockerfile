FROM centos:7
RUN yum -y update
