# Warnings of every walk over the file, out of the order of the text.
ARG PLATFORM
FROM scratch AS Base
MAINTAINER somebody
RUN echo \

  a

from --platform=linux/amd64 scratch as context
ENV A b
ENV PASSWORD=x C=$UNKNOWN
CMD a
CMD b

FROM --platform=$TARGETPLATFORM scratch AS context
WORKDIR here
EXPOSE 80/TCP 127.0.0.1:1:2
LABEL k v
ADD --chown=$OWNER --checksum=$SUM $FROM $TO /d
FROM base$TYPO
ENTRYPOINT x
HEALTHCHECK CMD a
HEALTHCHECK CMD b
ENTRYPOINT y
ARG SECRET_TOKEN
