#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks every #include "..." under src/ against what each room may know (ARCHITECTURE.md), and that it
# is written "room/header.h". TAP; each violation is a line "# file:line: ...".
# Usage: floors.sh [TREE]; a TREE holds src/.

rooms='base wire model config store zone registry forward probe server api daemon ctl'

# check TREE: prints the violations.
check() {
	(cd "$1" && find src -name '*.[ch]' | LC_ALL=C sort | xargs awk -v rooms="$rooms" '
	BEGIN {
		knows["base"] = "base"
		knows["wire"] = "base wire"
		knows["model"] = "base model"
		knows["config"] = "base config"
		knows["store"] = "base model store"
		knows["zone"] = "base wire model zone"
		knows["registry"] = "base wire model store zone registry"
		knows["forward"] = "base wire forward"
		knows["probe"] = "base wire model registry probe"
		knows["server"] = "base wire zone forward server"
		knows["api"] = "base model registry api"
		knows["daemon"] = rooms
		knows["ctl"] = "base wire config ctl"
	}
	function report(text) {
		printf "%s:%d: %s\n", FILENAME, FNR, text
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		split($0, quoted, "\"")
		split(FILENAME, path, "/")
		room = path[2]
		header = quoted[2]
		if (header == "config.h")
			next
		if (header !~ /^[a-z]+\/[a-z0-9_]+\.h$/) {
			report("\"" header "\" is not written \"room/header.h\"")
			next
		}
		other = header
		sub(/\/.*/, "", other)
		if (!(room in knows))
			report("room " room " is not known to tests/style/floors.sh")
		else if (index(" " knows[room] " ", " " other " ") == 0)
			report(room " may not know " header)
	}')
}

# result NUMBER NAME VIOLATIONS
result() {
	if [ -z "$3" ]; then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2"
		echo "$3" | sed 's/^/# /'
		status=1
	fi
}

# A made-up tree with one violation of each kind: what the check misses there, it misses everywhere.
check_the_check() {
	made=$(mktemp -d) || exit 1
	mkdir -p "$made/src/base" "$made/src/zone" "$made/src/attic" "$made/src/server"
	printf '#include <stdio.h>\n#include "base/mem.h"\n#include "wire/dname.h"\n' >"$made/src/base/a.c"
	printf '#include "config.h"\n#include "zone.h"\n  #  include "store/store.h"\n' >"$made/src/zone/b.c"
	printf '#include "base/../zone/zone.h"\n#include "model/model.h"\n' >"$made/src/server/c.h"
	printf '#include "base/mem.h"\n' >"$made/src/attic/d.c"
	check "$made" | cut -d: -f1,2 >"$made/found"
	printf 'src/attic/d.c:1\nsrc/base/a.c:3\nsrc/server/c.h:1\nsrc/server/c.h:2\nsrc/zone/b.c:2\nsrc/zone/b.c:3\n' |
		diff - "$made/found"
	rm -r "$made"
}

top=${1:-${srcdir:-$(dirname "$0")/../..}}
status=0
# shellcheck disable=SC2086
set -- $rooms
echo "1..$(($# + 2))"
result 1 'violations of a made-up tree are found' "$(check_the_check)"
found=$(check "$top")
n=1
for room; do
	n=$((n + 1))
	result $n "$room includes what it may know" "$(echo "$found" | grep "^src/$room/")"
done
elsewhere=$(echo "$rooms" | sed 's/ /|/g')
result $((n + 1)) 'every file stands in a room' \
	"$(cd "$top" && find src -name '*.[ch]' | grep -Ev "^src/($elsewhere)/[a-z0-9_]+\.[ch]\$")"
exit $status
