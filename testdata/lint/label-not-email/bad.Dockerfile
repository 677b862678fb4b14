FROM scratch
LABEL it="A B <me@example.org>"
