FROM scratch
ENV NAME="some value"
