FROM scratch
run <<A cat <<B
a
A
b
B
COPY <<E /x
$HOME
E
CMD x \
  # note
  y
