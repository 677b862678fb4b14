#!/usr/bin/env bash
# profile.sh: prints moby's default seccomp profile (from the Go module registry, checked by its sum database) in the form of the
# OCI runtime specification, for a container with the capabilities that docker gives, on this machine.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../e2e/lib/module.sh"
into=$(mktemp -d)
trap 'rm -rf "$into"' EXIT
unpack_module github.com/moby/profiles/seccomp v0.2.3 "$into"
case $(uname -m) in
    aarch64) arch=arm64 names='["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]' ;;
    *) arch=amd64 names='["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]' ;;
esac
jq --arg arch "$arch" --argjson names "$names" --from-file "$here/profile.jq" "$into/default.json"
