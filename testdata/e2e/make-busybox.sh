#!/usr/bin/env bash
# make-busybox.sh OUT.tar: a root tree of Debian's static busybox and its applets, the same bytes for the same busybox.
set -euo pipefail
out=$(realpath -m "${1:?usage: make-busybox.sh OUT.tar}")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 0755 "$tree"
install -d "$tree"/{bin,dev,etc,proc,root,sys,usr/bin,var}
install -d -m 1777 "$tree/tmp"
install -m 0755 "$(command -v busybox)" "$tree/bin/busybox"
"$tree/bin/busybox" --list | while read -r applet; do [ "$applet" = busybox ] || ln -s busybox "$tree/bin/$applet"; done
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' > "$tree/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' > "$tree/etc/group"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C "$tree" -cf "$out.part" .
mv "$out.part" "$out"
