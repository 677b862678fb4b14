FROM debian:12
ENV abc=hello
ENV abc=bye def=$abc
ENV ghi=$abc
ENV legacy one  two
ENV LANG=en PATH=/x:$PATH
