FROM scratch
LABEL it="example.org/docs"
