FROM debian:12
CMD ["/bin/app"]