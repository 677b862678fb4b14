FROM scratch
ENV HOME=/app
ENV BIN=$HOME/bin
