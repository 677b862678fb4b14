FROM scratch
COPY --chwon=1 a /b
COPY --what=1 a /b
ARG --x=1 A
