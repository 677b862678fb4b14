FROM scratch
LABEL it="main"
