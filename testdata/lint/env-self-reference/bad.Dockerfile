FROM scratch
ENV HOME=/app BIN=$HOME/bin
