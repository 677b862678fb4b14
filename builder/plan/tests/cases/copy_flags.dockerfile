FROM debian:12
ARG O=me X=1
COPY --link --chown=$O:$O --exclude=$X --exclude=*.o src/ $O/
COPY --link --chmod=755 a b
COPY --parents a/./b /c/
ADD --link --unpack=true x.tar /
ADD --unpack=false --chown= y.tar /
COPY <<ONE a <<'TWO' /both/
x $O "$X" \$O $UNDEFINED
ONE
x $O
TWO
COPY <<ONLY /only
text
ONLY
