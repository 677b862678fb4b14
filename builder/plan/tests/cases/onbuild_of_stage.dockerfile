FROM debian:12 AS base
ONBUILD RUN echo trigger
ONBUILD COPY <<EOF /x
body
EOF
RUN own
FROM base AS child
RUN in child
FROM child
