FROM debian:12
RUN make
COPY a b /dst/
CMD ["run", "it"]
