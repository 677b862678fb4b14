FROM debian:12
RUN apt-get install -y a b $C a
RUN apt-get update && apt-get install -y a=1 b
