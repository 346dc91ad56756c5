#!/bin/sh
# SPDX-License-Identifier: MIT
# mandoc has nothing to say about any manual page. TAP.
: "${srcdir:=.}" "${builddir:=.}"
pages=$(ls "$builddir"/man/*.[1-9] "$srcdir"/man/*.[1-9] 2>/dev/null | sort -u)
# shellcheck disable=SC2086 # no such path has a space: make could not build there
set -- $pages
echo "1..$#"
n=0
for page; do
	n=$((n + 1))
	name=${page##*/}
	if ! command -v mandoc >/dev/null; then
		echo "ok $n - $name # SKIP mandoc is missing"
		continue
	fi
	# What other manuals this machine has, and their index, is not the page's fault.
	said=$(mandoc -Tlint -W style "$page" 2>&1 |
		grep -v -e 'STYLE: referenced manual not found' -e 'outdated mandoc.db')
	if [ -z "$said" ]; then
		echo "ok $n - $name"
	else
		printf '%s\n' "$said" | sed 's/^/# /'
		echo "not ok $n - $name"
	fi
done
