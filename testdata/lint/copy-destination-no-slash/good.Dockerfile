FROM scratch
COPY a b /c/
COPY a /c
