#!/bin/bash
# fetch-source.sh PACKAGE UPSTREAM-VERSION DIRECTORY: unpacks a Debian source package's original tarball, checked against its .dsc.
# The source index is the binary one of the same release, so it comes from wherever this system gets its packages.
set -euo pipefail
package=$1 version=$2 into=$3
lists=/etc/apt/sources.list.d/zz-source.list
trap 'rm -f "$lists" /etc/apt/sources.list.d/zz-source.sources; rm -rf /tmp/source' EXIT
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    if [ -s "$file" ]; then sed -n 's/^deb /deb-src /p' "$file" >> "$lists"; fi
done
for file in /etc/apt/sources.list.d/*.sources; do
    if [ -s "$file" ]; then { sed 's/^Types:.*/Types: deb-src/' "$file"; echo; } >> "${lists%.list}.sources"; fi
done
apt-get update
mkdir -p /tmp/source "$into"
cd /tmp/source
apt-get source --download-only -o APT::Sandbox::User=root "$package"
grep -q "^Version: \(.*:\)\?$version-" ./*.dsc || { echo "the archive has another version of $package than $version" >&2; exit 1; }
awk '/^Checksums-Sha256:/ { on = 1; next } /^[^ ]/ { on = 0 } on && NF == 3 { print $1 "  " $3 }' ./*.dsc | sha256sum --check --strict
tar -xf "$(ls ./*.orig.tar.*z* | head -n 1)" -C "$into" --strip-components=1
