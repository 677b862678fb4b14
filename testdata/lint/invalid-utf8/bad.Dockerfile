FROM scratch
LABEL a=ÿ
