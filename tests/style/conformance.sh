#!/bin/sh
# SPDX-License-Identifier: MIT
# Every row of doc/conformance.md names tests, and every test that it names exists. TAP.
# Usage: conformance.sh [TREE]; a TREE holds doc/ and tests/.

# there TREE: what can be named, one a line.
there() {
	(cd "$1/tests" && {
		cat unit/*/*.c 2>/dev/null | sed -n 's|^Test(\([a-z0-9_]*\), \([a-z0-9_]*\))$|\1/\2|p'
		for file in e2e/*.py; do
			sed -n "s|^def test_\([A-Za-z0-9_]*\)(.*|${file#e2e/}/\1|p" "$file"
		done
		ls scenario fuzz | sed -n -e '/\.scenario$/p' -e 's/^\(fuzz_.*\)\.c$/\1/p'
	} | LC_ALL=C sort -u)
}

# named TREE: "line name" for each test that the document names in its tables.
named() {
	awk '/^\|/ {
		n = split($0, part, "`")
		for (i = 2; i <= n; i += 2)
			if (part[i] ~ /^[a-z0-9_]+(\.py)?\/[A-Za-z0-9_]+$/ || part[i] ~ /^[a-z0-9_]+\.scenario$/ ||
				part[i] ~ /^fuzz_[a-z0-9_]+$/)
				print FNR, part[i]
	}' "$1/doc/conformance.md"
}

# missing TREE: "line name" for what is named and not there.
missing() {
	there "$1" >"$made/there"
	named "$1" | awk -v there="$made/there" '
		BEGIN { while ((getline name <there) > 0) known[name] = 1 }
		!($2 in known)'
}

# bare TREE: the lines of rows that name no test.
bare() {
	named "$1" >"$made/named"
	awk -v named="$made/named" '
		BEGIN { while ((getline line <named) > 0) { split(line, word, " "); has[word[1]] = 1 } }
		/^\|/ && !/^\|[-|]*$/ && !/\| tests \|$/ && !(FNR in has) { print FNR }' "$1/doc/conformance.md"
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

check_the_check() {
	tree=$made/tree
	mkdir -p "$tree/doc" "$tree/tests/unit/wire" "$tree/tests/e2e" "$tree/tests/scenario" "$tree/tests/fuzz"
	printf 'Test(query, judges)\n{\n}\n' >"$tree/tests/unit/wire/test_query.c"
	printf 'def test_TCP(d):\n    pass\n' >"$tree/tests/e2e/answers.py"
	touch "$tree/tests/scenario/chain.scenario" "$tree/tests/fuzz/fuzz_dname.c"
	{
		printf '| | what | from | tests |\n|---|---|---|---|\n'
		printf '| C1 | a `query` | x | `query/judges` `answers.py/TCP` `chain.scenario` `fuzz_dname` |\n'
		printf '| C2 | a `query` | x | `query/judge` `answers.py/UDP` `loop.scenario` `fuzz_name` |\n'
		printf '| C3 | a `query/` | x | |\n'
	} >"$tree/doc/conformance.md"
	missing "$tree" >"$made/found"
	bare "$tree" >>"$made/found"
	printf '4 query/judge\n4 answers.py/UDP\n4 loop.scenario\n4 fuzz_name\n5\n' | diff - "$made/found"
}

top=${1:-${srcdir:-$(dirname "$0")/../..}}
status=0
made=$(mktemp -d) || exit 1
trap 'rm -r "$made"' EXIT
echo 1..3
result 1 'what is wrong in a made-up tree is found' "$(check_the_check)"
result 2 'every test that is named exists' "$(missing "$top")"
result 3 'every row names a test' "$(bare "$top")"
echo "# $(named "$top" | wc -l) tests named"
exit $status
