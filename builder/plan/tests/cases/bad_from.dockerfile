FROM $EMPTY
FROM Debian:12
FROM --platform=$TARGETPLATFROM debian:12
FROM --platform=a/b/c/d debian:12
FROM debian:${X:?wanted} AS x
