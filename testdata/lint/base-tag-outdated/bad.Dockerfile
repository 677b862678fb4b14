FROM localhost:5000/debian:12.1
