# sytnax=docker/dockerfile:1
FROM scratch
