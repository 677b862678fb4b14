FROM scratch AS a
COPY a.txt https://example.org/secret $B /b/
FROM scratch
COPY --from=a secret /c
