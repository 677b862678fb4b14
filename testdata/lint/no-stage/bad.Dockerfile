ENV A=b
FROM scratch
COPY a /b
