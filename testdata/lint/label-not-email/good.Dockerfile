FROM scratch
LABEL it="me@example.org"
