FROM scratch
LABEL it="Apache 2.0"
