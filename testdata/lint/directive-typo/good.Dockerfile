# syntax=docker/dockerfile:1
# see a=b
FROM scratch
