#!/bin/sh
# SPDX-License-Identifier: MIT
# What `make demo` runs: cmapd with a registry of its own in a temporary directory, the tasks of two
# private subnets registered by cmapctl, and each thing shown is checked as well. At a terminal it
# serves on until Ctrl-C. The first step that fails ends it with status 1.
#
# Environment: CMAPD, CMAPCTL (the programs), CMAP_DEMO_PORT (5300).
set -u
unset CMAP_API CMAP_SOCKET CMAP_SERVER
: "${CMAPD:=./cmapd}" "${CMAPCTL:=./cmapctl}" "${CMAP_DEMO_PORT:=5300}"

server=127.0.0.1:$CMAP_DEMO_PORT
lost_lease_ms=3000
late_ms=100
dir=
pid=

# ---- telling ------------------------------------------------------------------

say() {
	printf '\n\033[1m%s\033[0m\n' "$*"
}
[ -t 1 ] || say() {
	printf '\n%s\n' "$*"
}

fail() {
	printf '\ndemo: %s\n' "$*" >&2
	if [ -n "$dir" ] && [ -s "$dir/log" ]; then
		printf 'demo: the log of cmapd ends with:\n' >&2
		tail -n 5 "$dir/log" >&2
	fi
	exit 1
}

# shellcheck disable=SC2317 # called by trap
end() {
	status=$?
	trap - EXIT INT TERM HUP
	stop TERM
	[ -z "$dir" ] || rm -rf "$dir"
	exit "$status"
}

# ---- doing --------------------------------------------------------------------

now_ms() {
	date +%s%3N
}

# stop SIGNAL: ends cmapd if it runs.
stop() {
	[ -n "$pid" ] || return 0
	kill -s "$1" "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	pid=
}

start() {
	printf '$ cmapd --listen %s --socket %s --db %s &\n' "$server" cmap.sock cmap.db
	"$CMAPD" --config /dev/null --listen "$server" --socket "$dir/cmap.sock" \
		--db "$dir/cmap.db" 2>>"$dir/log" &
	pid=$!
	until=$(($(now_ms) + 10000))
	until "$CMAPCTL" --socket "$dir/cmap.sock" status >/dev/null 2>&1; do
		if ! kill -0 "$pid" 2>/dev/null; then
			wait "$pid"
			status=$?
			pid=
			if grep -q 'Address already in use' "$dir/log"; then
				fail "$server is in use; take another port: CMAP_DEMO_PORT=$((CMAP_DEMO_PORT + 1)) make demo"
			fi
			fail "cmapd ended with status $status"
		fi
		[ "$(now_ms)" -lt "$until" ] || fail "cmapd does not serve after 10 seconds"
		sleep 0.05
	done
}

ctl() {
	printf '$ cmapctl %s\n' "$*"
	"$CMAPCTL" --socket "$dir/cmap.sock" "$@" || fail "cmapctl $* failed"
}

# ask ARGUMENT...: what dig prints of records.
ask() {
	dig @127.0.0.1 -p "$CMAP_DEMO_PORT" +tries=1 +time=2 +noall +answer "$@" | grep -v '^;'
}

# addresses NAME: its A records, one a line, in the order answered.
addresses() {
	ask "$1" A | awk '$4 == "A" { print $5 }'
}

# everything: all that the demo's names answer, in one order.
everything() {
	for name in service-a.local service-b.local service-c.local bridge.local; do
		ask "$name" A
		ask "$name" SRV
	done | awk '{ $2 = ""; print }' | LC_ALL=C sort
}

# is WHAT GOT EXPECTED
is() {
	[ "$2" = "$3" ] || fail "$1: expected '$3', got '$2'"
}

# ---- the steps ----------------------------------------------------------------

register_the_picture() {
	say "Two private subnets: 172.31.16.0/20 and 172.31.32.0/20. Each task registers with a lease."
	ctl namespace create local
	ctl register service-a.local --id a-1 --ip 172.31.16.1 --lease 30s
	ctl register service-b.local --id b-1 --ip 172.31.16.2 --lease 30s
	ctl register service-b.local --id b-2 --ip 172.31.32.1 --lease 30s
	ctl register service-c.local --id c-1 --ip 172.31.32.2 --lease 30s
	say "A service in bridge mode: two hosts, four containers, each on a port of its own."
	ctl register bridge.local --id br-1 --ip 172.31.16.1 --port 47760 --lease 30s
	ctl register bridge.local --id br-2 --ip 172.31.16.1 --port 45283 --lease 30s
	ctl register bridge.local --id br-3 --ip 172.31.16.2 --port 50077 --lease 30s
	ctl register bridge.local --id br-4 --ip 172.31.16.2 --port 52330 --lease 30s
	ctl list
	is 'the address of service-a.local' "$(addresses service-a.local)" 172.31.16.1
	is 'the address of service-c.local' "$(addresses service-c.local)" 172.31.32.2
}

# Which of its threads answers is the kernel's choice, and each goes round by itself, so that an order
# may come twice running; both come soon.
show_rotation() {
	say "Answers rotate: the first address is the one that clients take."
	heads=
	asked=0
	while [ "$asked" -lt 6 ] || [ "$heads" != '172.31.16.2 172.31.32.1' ]; do
		asked=$((asked + 1))
		[ "$asked" -le 100 ] || fail "100 answers for service-b.local began with '$heads'"
		answer=$(addresses service-b.local)
		is 'the addresses of service-b.local' "$(printf '%s\n' "$answer" | sort | tr '\n' ' ')" \
			'172.31.16.2 172.31.32.1 '
		[ "$asked" -gt 6 ] || printf '$ dig service-b.local A  ->  %s\n' \
			"$(printf '%s\n' "$answer" | tr '\n' ' ')"
		heads=$(printf '%s\n%s\n' "$heads" "$answer" | awk 'NR == 1 { n = split($0, old) }
			NR == 2 { new = $1 } END { for (i = 1; i <= n; i++) print old[i]; print new }' |
			sort -u | tr '\n' ' ' | sed 's/ $//')
	done
}

show_ports() {
	say "SRV answers carry each port, and the targets' addresses with them."
	printf '$ dig bridge.local SRV\n'
	answer=$(ask +additional bridge.local SRV)
	printf '%s\n' "$answer"
	pairs=$(printf '%s\n' "$answer" | awk '$4 == "SRV" { port[$8] = $7 }
		$4 == "A" { address[$1] = $5 }
		END { for (t in port) print address[t] ":" port[t] }' | LC_ALL=C sort | tr '\n' ' ')
	is 'addresses and ports of bridge.local' "$pairs" \
		'172.31.16.1:45283 172.31.16.1:47760 172.31.16.2:50077 172.31.16.2:52330 '
}

show_expiry() {
	say "A lease of 3 seconds, renewed once after 2, then no more."
	ctl register service-c.local --id c-2 --ip 172.31.32.3 --lease 3s
	registered=$(now_ms)
	sleep 2
	before=$(now_ms)
	ctl renew service-c.local c-2
	after=$(now_ms)
	seen=0
	while asked=$(now_ms) && addresses service-c.local | grep -qx 172.31.32.3; do
		seen=$(now_ms)
		[ "$asked" -le $((after + lost_lease_ms + late_ms)) ] ||
			fail "c-2 is answered $((asked - after)) ms after its renewal"
		sleep 0.05
	done
	gone=$(now_ms)
	[ "$seen" -ge $((registered + lost_lease_ms)) ] || fail 'the renewal of c-2 had no effect'
	[ "$gone" -ge $((before + lost_lease_ms)) ] ||
		fail "c-2 was gone $((gone - before)) ms after its renewal, before its lease had ended"
	printf 'c-2 was answered until its lease had ended, and was gone %d ms after its renewal\n' \
		$((gone - before))
	is 'the address of service-c.local' "$(addresses service-c.local)" 172.31.32.2
}

show_restart() {
	say "Nothing registered is lost: kill -9, start again, ask again."
	before=$(everything)
	stop KILL
	printf '$ kill -9 cmapd\n'
	start
	after=$(everything)
	is 'all answers after the restart' "$after" "$before"
	printf '%s\n' "$after"
}

# Tasks renew while they live. A job of its own at the terminal: Ctrl-C ends it, and not the rest.
serve_on() {
	say "Serving on $server until Ctrl-C. Try, from another terminal:"
	cat <<-TRY
		dig @127.0.0.1 -p $CMAP_DEMO_PORT bridge.local SRV
		$CMAPCTL --socket $dir/cmap.sock list
		$CMAPCTL --socket $dir/cmap.sock register service-a.local --ip 172.31.16.9 --lease 20s
	TRY
	trap '' INT
	set -m
	(
		trap 'exit 0' INT TERM
		while sleep 10; do
			kill -0 "$pid" || exit 1
			for task in service-a:a-1 service-b:b-1 service-b:b-2 service-c:c-1 \
				bridge:br-1 bridge:br-2 bridge:br-3 bridge:br-4; do
				"$CMAPCTL" --socket "$dir/cmap.sock" renew "${task%:*}.local" "${task#*:}" \
					>/dev/null || exit 1
			done
		done
	) || fail 'a lease could not be renewed'
	set +m
}

# ---- main ---------------------------------------------------------------------

command -v dig >/dev/null || fail 'dig is missing: apt-get install bind9-dnsutils'
for program in "$CMAPD" "$CMAPCTL"; do
	[ -x "$program" ] || fail "$program is missing; run it by: make demo"
done
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
dir=$(mktemp -d) || fail 'no temporary directory'

say "cmapd, and its registry in a new SQLite file."
start
register_the_picture
show_rotation
show_ports
show_expiry
show_restart
if [ -t 0 ] && [ -t 1 ]; then
	serve_on
fi
say "All of this was checked as it was shown."
