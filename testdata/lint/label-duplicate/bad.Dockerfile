FROM scratch
LABEL a=b
LABEL a=c
