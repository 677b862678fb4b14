FROM scratch
ADD file.tar.gz https://example.org/x /x/
