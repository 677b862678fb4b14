FROM debian:12
ONBUILD RUN echo  $X \
  two
ONBUILD COPY --from=0 a b
