FROM golang:1.24
RUN go install example.org/tool@v1.2.3 && go install ./cmd
