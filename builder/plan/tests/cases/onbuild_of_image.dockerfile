#! arg MODE=slow
FROM debian:12 AS tools
FROM onbuild:1 AS app
RUN after
FROM app
RUN child
