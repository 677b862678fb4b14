echo "hello from an image that containr built, as uid $(id -u):"
sed 's/^/  /' "$1"
