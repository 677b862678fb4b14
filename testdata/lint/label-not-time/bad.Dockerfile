FROM scratch
LABEL it="yesterday"
