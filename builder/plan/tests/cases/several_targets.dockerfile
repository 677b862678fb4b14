#! target a
#! target b
FROM debian:12 AS a
RUN a
FROM debian:12 AS b
COPY --from=a / /
