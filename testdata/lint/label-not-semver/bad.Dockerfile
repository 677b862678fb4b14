FROM scratch
LABEL it="1.2"
