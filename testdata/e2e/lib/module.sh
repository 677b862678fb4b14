# Sourced by the fetch scripts: brings one Go module's sources as they were published.

# unpack_module PATH VERSION DIRECTORY
unpack_module() {
    local path=$1 version=$2 into=$3 from
    command -v go > /dev/null || { echo "fetching $path needs the go command" >&2; return 1; }
    from=$(cd / && GOFLAGS=-mod=mod go mod download -json "$path@$version" | python3 -c 'import json, sys; print(json.load(sys.stdin)["Dir"])')
    mkdir -p "$into"
    cp -r --no-preserve=mode,ownership,timestamps "$from/." "$into/"
}
