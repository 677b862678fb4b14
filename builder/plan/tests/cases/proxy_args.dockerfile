#! arg http_proxy=http://p:1
#! arg NO_PROXY=a,b
FROM debian:12
RUN one
ARG NO_PROXY
RUN two
