# check=experimental=all
# the base
FROM scratch AS base
