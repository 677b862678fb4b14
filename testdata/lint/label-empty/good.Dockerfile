FROM scratch
LABEL it="x"
