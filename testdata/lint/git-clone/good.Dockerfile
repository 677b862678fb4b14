FROM debian:12
RUN git clone /src
ADD https://example.org/a.git /a
