FROM golang:1.24
RUN go install example.org/tool@latest
