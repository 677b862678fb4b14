#!/usr/bin/env bash
# fetch.sh DIRECTORY: lays Jessie Frazelle's nmap Dockerfile there, unchanged, from the conformance corpus.
set -euo pipefail
into=${1:?usage: fetch.sh DIRECTORY}
corpus=${CONTAINR_CONFORMANCE:?the folder of the conformance files}/corpus/dockerfiles
mkdir -p "$into"
cp "$corpus/jessfraz__dockerfiles__nmap_Dockerfile" "$into/Dockerfile"
