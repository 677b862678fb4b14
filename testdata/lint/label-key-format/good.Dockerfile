FROM scratch
LABEL org.example.title=x
