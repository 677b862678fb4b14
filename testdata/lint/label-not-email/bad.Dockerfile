FROM scratch
LABEL it="me"
