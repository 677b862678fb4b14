#!/usr/bin/env bash
# fetch.sh DIRECTORY: lays the sources of rekor-tiles v2.3.0 there, unchanged, from the Go module registry (checked by its sum database).
set -euo pipefail
into=${1:?usage: fetch.sh DIRECTORY} here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/module.sh"
unpack_module github.com/sigstore/rekor-tiles/v2 v2.3.0 "$into"
