FROM debian:12
EXPOSE 99999
STOPSIGNAL SIGNOPE
VOLUME ["$UNSET"]
COPY --chmod=9999 a b
COPY --chmod=u~x a b
COPY http://x/y /z
ADD --checksum=sha256:00 a b
ADD https://x/y /z
RUN --device=vendor.com/x=y true
RUN --mount=type=bind,target=/ true
RUN --mount=type=ssh,source=x true
WORKDIR ${X?must be set}
