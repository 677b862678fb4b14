FROM scratch AS one
ENTRYPOINT ["/a"]
FROM scratch
ENTRYPOINT ["/b"]
