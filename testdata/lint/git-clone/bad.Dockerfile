FROM debian:12
RUN git clone https://example.org/a.git
