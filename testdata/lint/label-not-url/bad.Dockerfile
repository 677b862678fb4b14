FROM scratch
LABEL it="nowhere"
