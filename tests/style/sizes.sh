#!/bin/sh
# SPDX-License-Identifier: MIT
# No function under src/ has over 120 lines, no .c file over 1,000. It leans on the layout of
# clang-format: a function's outermost braces stand alone at the left edge. TAP.
# Usage: sizes.sh [TREE]; a TREE holds src/.

# functions TREE: prints "lines file:line name" for each function, its declaration counted.
functions() {
	(cd "$1" && find src -name '*.[ch]' | LC_ALL=C sort | xargs awk '
	FNR == 1 { start = 0; inside = 0 }
	!inside && /^[A-Za-z_].*\(/ && !/;$/ { start = FNR; head = $0 }
	/^\{$/ && start { inside = 1 }
	/^\}$/ && inside {
		name = head
		sub(/^.*(CMAP_[A-Z]+(\([^)]*\))?|__attribute__\(\([^)]*\)*) /, "", name)
		sub(/\(.*/, "", name)
		sub(/.*[ *]/, "", name)
		printf "%d %s:%d %s\n", FNR - start + 1, FILENAME, start, name
		inside = 0
		start = 0
	}')
}

# files TREE: prints "lines file" for each .c file.
files() {
	(cd "$1" && find src -name '*.c' | LC_ALL=C sort | xargs awk '
	{ n[FILENAME]++ }
	END { for (f in n) print n[f], f }')
}

# over LIMIT: those lines of stdin whose number is higher, longest first.
over() {
	awk -v limit="$1" '$1 > limit' | sort -rn
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

# function LINES: a function of so many lines, with inner braces.
function_of() {
	awk -v n="$1" 'BEGIN {
		print "static int f(int a,\n\tint b)\n{\n\tif (a) {"
		for (i = 0; i < n - 6; i++)
			print "\t\tb++;"
		print "\t}\n}"
	}'
}

check_the_check() {
	made=$(mktemp -d) || exit 1
	mkdir -p "$made/src/base"
	{
		printf 'struct s {\n\tint a;\n};\nint declared(void);\n\n'
		function_of 120
		echo
		function_of 121
	} >"$made/src/base/a.c"
	yes '/* one line */' | head -n 1000 >"$made/src/base/b.c"
	yes '/* one line */' | head -n 1001 >"$made/src/base/c.c"
	functions "$made" | over 120 >"$made/found"
	files "$made" | over 1000 >>"$made/found"
	printf '121 src/base/a.c:127 f\n1001 src/base/c.c\n' | diff - "$made/found"
	rm -r "$made"
}

top=${1:-${srcdir:-$(dirname "$0")/../..}}
status=0
echo 1..3
result 1 'limits are found on both sides' "$(check_the_check)"
result 2 'no function has over 120 lines' "$(functions "$top" | over 120)"
result 3 'no .c file has over 1,000 lines' "$(files "$top" | over 1000)"
echo "# longest function: $(functions "$top" | sort -rn | head -n 1)"
echo "# longest file: $(files "$top" | sort -rn | head -n 1)"
exit $status
