FROM scratch
MAINTAINER me <me@example.org>
