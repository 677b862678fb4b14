FROM scratch
LABEL a=b
FROM scratch
LABEL a=c
