FROM scratch
LABEL it=""
