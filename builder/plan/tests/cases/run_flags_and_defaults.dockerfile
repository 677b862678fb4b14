#! network none
#! no-cache build
FROM debian:12 AS build
RUN a
RUN --network=host --security=insecure b
RUN ["exec", "form"]
RUN
FROM build
RUN --network=none c
