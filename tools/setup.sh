#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/setup.sh SET... -- make build/ ready: install the packages of these sets that are missing
# (tools/packages), make ./configure if it is not there, configure in build/ if that is not done.
# Does nothing when nothing is to be done, and goes on where an earlier run was broken off.
set -eu
cd "$(dirname "$0")/.."

say() {
	printf 'setup: %s\n' "$*" >&2
}

# prefixed PREFIX SET...: what such sets are called in tools/packages.
prefixed() {
	prefix=$1
	shift
	for set; do
		printf '%s:%s ' "$prefix" "$set"
	done
}

# The packages of the sets given, one a line.
wanted() {
	awk -v sets="$*" 'BEGIN { n = split(sets, s); for (i = 1; i <= n; i++) want[s[i]] = 1 }
		/^[^#]/ { for (i = 2; i <= NF; i++) if ($i in want) { print $1; next } }' tools/packages
}

# "package version" of those that are installed.
installed() {
	# shellcheck disable=SC2016 # ${...} is dpkg-query's
	dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' "$@" 2>/dev/null |
		sed -n 's/^installed //p'
}

install_missing() {
	packages=$(wanted "$@")
	# shellcheck disable=SC2046 # a list of words, here and below
	for p in $(wanted $(prefixed command "$@")); do
		command -v "$p" >/dev/null || packages="$packages $p"
	done
	# shellcheck disable=SC2086
	have=" $(installed $packages | sed 's/ .*//' | tr '\n' ' ')"
	missing=
	for p in $packages; do
		case $have in
		*" $p "*) ;;
		*) missing="$missing $p" ;;
		esac
	done
	[ -n "$missing" ] || return 0

	as_root=
	if ! command -v apt-get >/dev/null; then
		say "these Debian packages are missing, and there is no apt-get:$missing"
		say "install their like, then: ./autogen.sh && ./configure && make"
		exit 1
	elif [ "$(id -u)" != 0 ]; then
		if ! command -v sudo >/dev/null; then
			say "run as root: apt-get install$missing"
			exit 1
		fi
		as_root=sudo
	fi
	say "installing$missing"
	# An old list of packages may still do where no new one can be had.
	$as_root apt-get -q update || say "apt-get update failed; trying with the list at hand"
	# shellcheck disable=SC2086
	if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o DPkg::Lock::Timeout=300 install --no-install-recommends $missing; then
		say "apt-get could not install:$missing"
		exit 1
	fi
}

# Fetches the packages of the sets given as unpack:SET and unpacks them below build/clients: servers that a test
# starts by hand, and that must not be started by being installed.
unpack_missing() {
	# shellcheck disable=SC2046
	for p in $(wanted $(prefixed unpack "$@")); do
		[ -z "$(installed "$p")" ] && [ ! -e "build/clients/.$p" ] || continue
		say "unpacking $p below build/clients"
		mkdir -p build/clients
		if ! (cd build/clients && apt-get -q download "$p" && dpkg-deb -x "$p"_*.deb . &&
			rm -f "$p"_*.deb && touch ".$p"); then
			say "apt-get could not fetch $p; its tests will be skipped"
		fi
	done
}

# Has npm put the packages of the sets given as npm:SET below build/clients. NAME@VERSION is for where node is too old
# for the newest one, and is passed over where that is there; some small thing below it may say that it wants more.
fetch_from_npm() {
	# shellcheck disable=SC2046
	for p in $(wanted $(prefixed npm "$@")); do
		[ ! -e "build/clients/node_modules/${p%@[0-9]*}/package.json" ] || continue
		if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
			say "no node or no npm here to fetch $p; its tests will be skipped"
			continue
		fi
		say "fetching $p below build/clients"
		mkdir -p build/clients
		strict=--engine-strict
		[ "$p" = "${p%@[0-9]*}" ] || strict=--no-engine-strict
		if ! npm install --prefix build/clients --ignore-scripts --no-audit --no-fund --loglevel=error \
			"$strict" "$p" >&2; then
			say "npm could not fetch $p; without one its tests will be skipped"
		fi
	done
}

# build/.setup remembers with which libraries and local.mk files build/ was made ready. When these
# change, configure is made anew and run again, with the options somebody may have given it there.
# autoreconf makes Makefile.in last: it and configure are both there only if it went through.
make_ready() {
	# shellcheck disable=SC2046 # a list of words
	state=$(installed $(wanted build check) | sort && find src tests data man tools -name local.mk | sort)
	before=$(cat build/.setup 2>/dev/null) || before=
	if [ -f configure ] && [ -f Makefile.in ] && [ -f build/Makefile ] &&
		[ "$state" = "$before" ]; then
		return 0
	fi
	if [ -n "$before" ] || [ ! -f configure ] || [ ! -f Makefile.in ]; then
		rm -f configure Makefile.in
		./autogen.sh
	fi
	mkdir -p build
	rm -f build/.setup
	options=$(cd build && sh ./config.status --config 2>/dev/null) || options=
	(cd build && eval "../configure $options")
	printf '%s\n' "$state" >build/.setup
}

install_missing "$@"
if command -v apt-get >/dev/null; then
	unpack_missing "$@"
fi
fetch_from_npm "$@"
make_ready
