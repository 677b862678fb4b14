FROM scratch AS one
CMD ["/a"]
FROM scratch
CMD ["/b"]
