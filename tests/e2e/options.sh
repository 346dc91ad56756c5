#!/bin/sh
# SPDX-License-Identifier: MIT
# options.sh -- cmapd's own options by the real program: what it prints, where, and its status; and
# SIGHUP with a file that is good, bad, and gone. TAP. Environment: builddir.
set -u
cmapd=${builddir:-.}/cmapd
n=0
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || { kill "$pid"; wait "$pid"; }; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP

# result STATUS NAME: the line for the test that STATUS, 0 or not, is of; what it said otherwise.
result() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		tail -n 20 "$dir/out" "$dir/err" "$dir/log" 2>/dev/null | sed 's/^/# /'
	fi
}

# says STATUS STDERR ARGUMENT...: cmapd ends with STATUS, prints nothing, and says just that line.
says() {
	status=$1
	line=$2
	shift 2
	"$cmapd" "$@" >"$dir/out" 2>"$dir/err"
	[ $? -eq "$status" ] && [ ! -s "$dir/out" ] && [ "$(cat "$dir/err")" = "$line" ]
	result $? "cmapd $(printf '%s' "$*" | sed "s|$dir|DIR|")"
}

# prints PATTERN ARGUMENT...: cmapd ends with 0, is silent on stderr, and prints a line like PATTERN.
prints() {
	pattern=$1
	shift
	"$cmapd" "$@" >"$dir/out" 2>"$dir/err" && [ ! -s "$dir/err" ] && grep -qx -e "$pattern" "$dir/out"
	result $? "cmapd $*"
}

prints 'cmapd [0-9.]*' --version
prints 'Usage: cmapd .*' --help
prints 'answers = 8' --config /dev/null --dump-config
prints 'listen = {"\[::1\]:5300"}' --config /dev/null --listen '[::1]:5300' --dump-config

says 0 '' --config /dev/null --check-config
says 64 "cmapd: unknown option '--lesae'" --lesae 30s
says 64 "cmapd: --db needs a value" --db
says 64 "cmapd: --namespace: 'a..b' is not a domain name" --namespace a..b
says 66 'cmapd: /nonexistent: No such file or directory' --config /nonexistent
says 66 'cmapd: /: Is a directory' --config / --check-config

printf '\n\nlesae = 3\n' >"$dir/conf"
says 78 "cmapd: $dir/conf:3: no such option 'lesae'" --config "$dir/conf"
says 78 "cmapd: $dir/conf:3: no such option 'lesae'" --config "$dir/conf" --check-config

"$cmapd" --config /dev/null --db "$dir/a b" --namespace local --dump-config >"$dir/conf"
"$cmapd" --config "$dir/conf" --dump-config >"$dir/out" 2>"$dir/err" && cmp -s "$dir/conf" "$dir/out"
result $? 'a dump is a file that says the same'

# ---- SIGHUP -------------------------------------------------------------------

# logs N PATTERN: within 10 seconds the log has at least N lines like PATTERN.
logs() {
	tries=200
	until [ "$(grep -c -e "$2" "$dir/log")" -ge "$1" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.05
	done
}

echo 'log_level = "info"' >"$dir/conf"
"$cmapd" --config "$dir/conf" --listen 127.0.0.1:0 --socket "$dir/s" --db "$dir/db" 2>"$dir/log" &
pid=$!
logs 1 '^cmapd: info: ready$'
result $? 'it starts'

echo 'answers = many' >"$dir/conf"
kill -HUP "$pid"
logs 1 "^cmapd: error: reload refused: $dir/conf:1: answers: 'many' is not a number from 0 to 1000\$"
result $? 'SIGHUP with a bad file: refused with its line'

printf 'answers = 3\nudp_size = 512\n' >"$dir/conf"
kill -HUP "$pid"
logs 1 '^cmapd: info: reloaded$' &&
	logs 1 "^cmapd: warning: 'udp_size' has changed; it takes effect at the next start\$"
result $? 'SIGHUP with a good file: in force, with what must wait'

rm "$dir/conf"
kill -HUP "$pid"
logs 1 "^cmapd: error: reload refused: $dir/conf: No such file or directory\$"
result $? 'SIGHUP with the file gone: refused'

kill "$pid"
wait "$pid"
result $? 'SIGTERM: status 0'
pid=
echo "1..$n"
