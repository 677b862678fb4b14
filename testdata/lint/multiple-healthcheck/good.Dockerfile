FROM scratch AS one
HEALTHCHECK CMD ["/a"]
FROM scratch
HEALTHCHECK CMD ["/b"]
