#! platform linux/arm64
#! platform linux/amd64
FROM --platform=$BUILDPLATFORM debian:12 AS build
ARG TARGETARCH TARGETSTAGE
RUN build $TARGETARCH $TARGETSTAGE
FROM debian:12 AS final
COPY --from=build /out /
