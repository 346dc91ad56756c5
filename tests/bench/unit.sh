#!/bin/sh
# SPDX-License-Identifier: MIT
# unit.sh RESPOND_BENCH -- what an answer costs without sockets: nanoseconds, and instructions if valgrind is there.
# The instructions are the same in every run of a build, so they show what a change did.
bench=$1
queries=20480 # as many of each of its 65,536 questions
services=200
mixes=6 # they count from 0
command -v valgrind >/dev/null || echo "valgrind is not installed: no instructions are counted"

for mix in $(seq 0 $mixes); do
	line=$("$bench" 2000000 $services "$mix") || exit
	if command -v valgrind >/dev/null; then
		counted=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=measure \
			"$bench" $queries $services "$mix" 2>&1 >/dev/null | sed -n 's/.*Collected : *//p')
		line="$line, $((counted / queries)) instructions"
	fi
	echo "$line"
done
