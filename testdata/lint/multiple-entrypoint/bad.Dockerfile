FROM scratch
ENTRYPOINT ["/a"]
ENTRYPOINT ["/b"]
