FROM scratch
LABEL Title=x a..b=y
