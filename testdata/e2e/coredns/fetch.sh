#!/usr/bin/env bash
# fetch.sh DIRECTORY: lays the sources of CoreDNS v1.12.4 there, unchanged, from the Go module registry (checked by its sum database).
# The project's .dockerignore hides everything but the binary, so the compile gets ignore rules of its own.
set -euo pipefail
into=${1:?usage: fetch.sh DIRECTORY} here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/module.sh"
unpack_module github.com/coredns/coredns v1.12.4 "$into"
cp "$here/binary.Dockerfile" "$into/binary.Dockerfile"
: > "$into/binary.Dockerfile.dockerignore"
