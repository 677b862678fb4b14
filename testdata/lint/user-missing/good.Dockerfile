FROM debian:12
USER 1000
CMD ["/bin/app"]
