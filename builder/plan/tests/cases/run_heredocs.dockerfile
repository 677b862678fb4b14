FROM debian:12
RUN <<EOF
one
two
EOF
RUN <<SCRIPT
#!/usr/bin/env python3
print(1)
SCRIPT
RUN cat <<A > /x && cat <<-B
$x
A
	tab
	B
