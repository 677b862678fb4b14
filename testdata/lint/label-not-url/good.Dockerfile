FROM scratch
LABEL it="https://example.org/a"
