FROM scratch
CMD ["/bin/app"]
FROM debian:12
SHELL ["/bin/bash", "-c"]
