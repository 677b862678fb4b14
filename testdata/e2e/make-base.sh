#!/usr/bin/env bash
# make-base.sh OUT.tar [SUITE]: a Debian root tree, as small as the "slim" images, in which apt-get, pip, npm, cargo and go work in
# RUN steps on this machine. It takes this machine's way to packages along (apt sources, apt settings, local certificate
# authorities) but nothing that could be a credential. Needs root and mmdebstrap.
set -euo pipefail
out=$(realpath -m "${1:?usage: make-base.sh OUT.tar [SUITE]}")
suite=${2:-bookworm}
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
install -d "$stage/tree/etc/apt/apt.conf.d" "$stage/tree/usr/local/share/ca-certificates"
settings=$stage/tree/etc/apt/apt.conf.d

# The settings by which official Debian images keep apt's caches out of layers.
official_settings() {
    local clean='rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true'
    printf 'DPkg::Post-Invoke { "%s"; };\nAPT::Update::Post-Invoke { "%s"; };\nDir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n' \
        "$clean" "$clean" > "$settings/docker-clean"
    echo 'Apt::AutoRemove::SuggestsImportant "false";' > "$settings/docker-autoremove-suggests"
    echo 'Acquire::GzipIndexes "true";' > "$settings/docker-gzip-indexes"
    echo 'Acquire::Languages "none";' > "$settings/docker-no-languages"
}

# This machine's own apt settings: those that belong to no package. Logins live in auth.conf.d and netrc files, which stay behind,
# and so does any settings file that carries a login in an address.
machine_settings() {
    local file
    for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/*; do
        case ${file##*/} in docker-* | *auth*) continue ;; esac
        [ -f "$file" ] || continue
        if dpkg-query --search "$file" > /dev/null 2>&1 || grep -qE '//[^/ "]*@' "$file"; then continue; fi
        cp "$file" "$settings/"
    done
}

# This machine's sources of the suite, as arguments for mmdebstrap; none means its own defaults.
machine_sources() {
    local file
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list; do
        [ -s "$file" ] || continue
        if grep -qw -- "$suite" "$file" && grep -qi debian "$file" && ! grep -qE '//[^/ ]*@' "$file"; then echo "$file"; fi
    done
}

official_settings
machine_settings
find /usr/local/share/ca-certificates -name '*.crt' -exec cp -L '{}' "$stage/tree/usr/local/share/ca-certificates/" ';' 2> /dev/null || true
mapfile -t sources < <(machine_sources)

export STAGE_TREE=$stage/tree
mmdebstrap --quiet --variant=minbase --mode=root --format=tar --include=ca-certificates \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --setup-hook='cp -r "$STAGE_TREE/." "$1/"' \
    --customize-hook='cp -r "$STAGE_TREE/usr/local/share/ca-certificates/." "$1/usr/local/share/ca-certificates/"; chroot "$1" update-ca-certificates > /dev/null 2>&1' \
    --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/var/log/*.log "$1"/var/log/apt "$1"/var/cache/ldconfig/aux-cache' \
    "$suite" "$out.part" "${sources[@]}"
mv "$out.part" "$out"
