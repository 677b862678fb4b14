FROM debian:12 AS unused
FROM debian:12
