FROM scratch
LABEL it="v1.2"
