FROM scratch AS unused
COPY a /b

FROM scratch
COPY a /b
