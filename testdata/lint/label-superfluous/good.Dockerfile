FROM scratch
LABEL maintainer=x
