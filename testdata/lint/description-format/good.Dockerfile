# check=experimental=all
# base is the base
FROM scratch AS base
