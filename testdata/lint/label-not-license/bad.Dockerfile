FROM scratch
LABEL it="free"
