FROM scratch
LABEL it="1234abc"
