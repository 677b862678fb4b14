FROM scratch
LABEL it="2024-01-31"
