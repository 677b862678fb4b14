FROM debian:12 base
FROM debian:12 SA two
FROM debian:12 AS three four
HEALTHCHECK NONE now
