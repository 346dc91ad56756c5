#!/bin/sh
# SPDX-License-Identifier: MIT
# python.sh FILE -- runs a test in Python, or says that there is none. -B: the source may be read-only.
command -v python3 >/dev/null || {
	echo "1..0 # SKIP python3 is not installed"
	exit 0
}
exec python3 -B "$@"
