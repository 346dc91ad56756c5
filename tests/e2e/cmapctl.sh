#!/bin/sh
# SPDX-License-Identifier: MIT
# cmapctl.sh -- every command of cmapctl against the real cmapd, on loopback and in a temporary
# directory. Writes TAP. Environment: builddir.
set -u
ctl=${builddir:-.}/cmapctl
n=0
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || { kill "$pid"; wait "$pid"; }; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP
unset CMAP_API CMAP_SERVER
export CMAP_SOCKET="$dir/s"

"${builddir:-.}/cmapd" --config /dev/null --listen 127.0.0.1:0 --api 127.0.0.1:0 \
	--socket "$dir/s" --db "$dir/db" 2>"$dir/log" &
pid=$!
until "$ctl" status >"$dir/out" 2>&1; do
	if ! kill -0 "$pid" 2>/dev/null; then
		echo "Bail out! cmapd does not start: $(tail -n 1 "$dir/log")"
		exit 1
	fi
	sleep 0.05
done
server=$(sed -n 's/^Listeners .*udp \(127.0.0.1:[0-9]*\).*/\1/p' "$dir/out")
api=$(sed -n 's/^Listeners .*http \(127.0.0.1:[0-9]*\).*/\1/p' "$dir/out")

# says STATUS PATTERN ARGUMENT...: cmapctl ends with STATUS, and its output and complaints, joined,
# match the extended regular expression as a whole line; "" is for no output at all.
says() {
	status=$1
	pattern=$2
	shift 2
	n=$((n + 1))
	name=$(printf '%s' "$*" | sed "s|$dir|DIR|; s|$server|SERVER|; s|$api|API|")
	"$ctl" "$@" >"$dir/out" 2>&1
	got=$?
	if [ "$got" -eq "$status" ] && { [ -z "$pattern" ] && [ ! -s "$dir/out" ] ||
		{ [ -n "$pattern" ] && grep -Eqx -e "$pattern" "$dir/out"; }; }; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		echo "# status $got instead of $status; expected: $pattern"
		sed 's/^/# /' "$dir/out"
	fi
}

ns='ns-[a-z2-7]{16}'
srv='srv-[a-z2-7]{16}'

says 0 'Store.State +ok' status
says 0 ' *"State": "ok",' --json status
says 0 'Store.State +ok' status --api "http://$api"
says 69 "cmapctl: cannot reach cmapd at $dir/none: No such file or directory; is cmapd running\?" \
	status --socket "$dir/none"

says 4 "cmapctl: no namespace holds 'web.prod'; create it with: cmapctl namespace create prod" \
	register web.prod --ip 172.31.16.1
says 0 "$ns" namespace create prod --description 'for all'
says 0 "$ns" namespace create inner.prod --soa-ttl 30s
says 0 "$ns" namespace create things --http
says 1 "cmapctl: namespace 'prod' exists already; see: cmapctl namespace show prod" \
	namespace create prod
says 0 "prod +$ns +DNS_PRIVATE +0 +for all" namespace list
says 0 'Properties.DnsProperties.SOA.TTL +30' namespace show inner.prod
says 4 "cmapctl: no namespace 'x.prod'; create it with: cmapctl namespace create x.prod" \
	namespace show x.prod

says 0 '172-31-16-1-47760' register web.prod --ip 172.31.16.1 --port 47760 --lease 30s
says 0 '172-31-16-1-45283' register web.prod --ip 172.31.16.1 --port 45283 --lease 7d --attr color=blue
says 0 'i-3' register web.prod --ip 172.31.16.2 --port 80 --id i-3
says 0 'fd00-0-0-0-0-0-0-1' register six.prod --ip fd00::1 --lease 1s
says 0 'db-example-net' register db.prod --cname db.example.net --ttl 1m
says 0 '10-0-0-1' register web.inner.prod --ip 10.0.0.1
says 0 "cmapctl: no SRV record is published for '10-0-0-1-80': service 'web.inner.prod' has A" \
	register web.inner.prod --ip 10.0.0.1 --port 80
says 0 'lamp' register light.things --id lamp --attr room=hall
says 64 "cmapctl: 'inner.prod' is a namespace; name a service in it: SERVICE.inner.prod" \
	register inner.prod --ip 10.0.0.1
says 1 'cmapctl: The service has an A record.*' register web.prod --ip fd00::1 --port 1

says 0 '172-31-16-1-45283 +172.31.16.1 +45283 +7d +6d 23h +color=blue' list web.prod
says 0 'db.prod +db-example-net +db.example.net +- +- +- +-' list
says 0 ' *"LeaseMs": 30000,' list web.prod --json
says 4 "cmapctl: no service 'nope.prod'; make it with: cmapctl register nope.prod --ip ADDR" list nope.prod
says 0 '172-31-16-1-45283 +172.31.16.1 +45283 +UNKNOWN +color=blue' discover web.prod --query color=blue
says 0 'lamp +- +- +UNKNOWN +room=hall' discover light.things --all
says 1 "cmapctl: no instance of 'web.prod' matches" discover web.prod --query color=red

says 0 '' renew web.prod 172-31-16-1-47760 172-31-16-1-45283
says 0 ' *"Renewed": 1,' --json renew web.prod 172-31-16-1-47760
says 4 "cmapctl: no instance 'gone' in 'web.prod'; see: cmapctl list web.prod" \
	renew web.prod 172-31-16-1-47760 gone
says 1 "cmapctl: .*i-3.* no lease.*" renew web.prod i-3

says 0 'web.prod.	[0-5]	IN	A	172.31.16.2' resolve web.prod --server "$server"
says 0 'web.prod.	[0-5]	IN	SRV	1 1 80 i-3.web.prod.' resolve web.prod SRV --server "$server"
says 0 'db.prod.	60	IN	CNAME	db.example.net.' resolve db.prod CNAME --server "$server" --tcp
says 0 ' *"Data": "172.31.16.2"' --json resolve i-3.web.prod --server "$server"
says 1 ';; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: [0-9]+' resolve nope.prod --server "$server"
says 1 ';; flags: qr aa rd; QUERY: 1, ANSWER: 0, AUTHORITY: 1, ADDITIONAL: 1' \
	resolve web.prod AAAA --server "$server"
says 1 ';; ->>HEADER<<- opcode: QUERY, status: REFUSED, id: [0-9]+' resolve example.net --server "$server"

says 0 "$srv" service create s.prod --a --aaaa --srv --ttl 1m --custom-health
says 0 "$srv" service create w.prod --cname --weighted
says 0 "$srv" service create h.prod --http
says 64 "cmapctl: which records shall 'r.prod' have\? .*" service create r.prod
says 1 "cmapctl: service 's.prod' exists already; see: cmapctl service show s.prod" \
	service create s.prod --a
says 0 "s.prod +$srv +A,AAAA,SRV +1m +0 +-" service list prod
says 0 "light.things +$srv +- +- +1 +-" service list
says 0 'DnsConfig.DnsRecords +A 60, AAAA 60, SRV 60' service show s.prod
says 4 "cmapctl: no service 'r.prod'; .*" service show r.prod

says 0 "$srv" service create health.prod --a --custom-health --tag team=red --tag 'cost center=9'
says 0 'i-1' register health.prod --ip 10.0.0.1 --id i-1 --weight 9
says 0 'i-2' register health.prod --ip 10.0.0.2 --id i-2 --unhealthy
says 0 'health.prod.	5	IN	A	10.0.0.1' resolve health.prod --server "$server"
says 0 'i-1 HEALTHY' health show health.prod
says 0 'i-2 UNHEALTHY' health show health.prod i-2
says 0 ' *"i-2": "UNHEALTHY"' health show health.prod --json
says 0 '' health set health.prod unhealthy i-1
says 0 '' health set health.prod healthy i-2
says 0 'health.prod.	5	IN	A	10.0.0.2' resolve health.prod --server "$server"
says 1 "cmapctl: the health of 'web.prod' cannot be told: it was made without --custom-health" \
	health set web.prod unhealthy i-3
says 0 'i-3 +UNKNOWN' health show web.prod

says 0 'cost center 9' tag list health.prod
says 0 '' tag set prod team=blue
says 0 'team blue' tag list prod
says 0 '' tag remove health.prod team none
says 1 "cmapctl: The Key of tag 'aws:x' must not begin with 'aws:'." tag set prod aws:x=1
says 0 '' attribute set health.prod path=/up 'owner=one two'
says 0 'owner one two' attribute list health.prod
says 0 ' *"path": "/up",' attribute list health.prod --json
says 0 '\{\}' attribute remove health.prod path owner --json
says 0 '' attribute list health.prod

says 0 '' service update health.prod --ttl 7m --description new
says 0 "health.prod +$srv +A +7m +2 +new" service list prod
says 1 "cmapctl: service 'h.prod' has no records, and so no --ttl" service update h.prod --ttl 7m
says 0 '' namespace update inner.prod --soa-ttl 31s
says 0 'Properties.DnsProperties.SOA.TTL +31' namespace show inner.prod
says 1 "cmapctl: namespace 'things' has no DNS, and so no --soa-ttl" namespace update things --soa-ttl 5s
says 0 '' namespace update things --description some

done='SUCCESS [0-9-]{10}T[0-9:]{8}Z'
says 0 "[a-z2-7]{32}-[a-z0-9]+ UPDATE_NAMESPACE $done $ns" operation list --max 1
says 0 "[a-z2-7]{32}-[a-z0-9]+ UPDATE_SERVICE +$done $srv" operation list --service health.prod
says 0 "[a-z2-7]{32}-[a-z0-9]+ REGISTER_INSTANCE $done i-2 $srv" operation list --service health.prod
says 0 'Type +UPDATE_NAMESPACE' operation show "$("$ctl" operation list --max 1 | sed -n 's/ .*//; 2p')"
says 4 "cmapctl: no operation 'none'; see: cmapctl operation list" operation show none

says 4 "cmapctl: no instance 'gone' in 'web.prod'; see: cmapctl list web.prod" \
	deregister web.prod i-3 gone
says 0 ' *"InstanceId": "172-31-16-1-47760"' --json deregister web.prod 172-31-16-1-47760
says 1 "cmapctl: service 'web.prod' holds instances; .*" service delete web.prod
says 0 '' service delete web.prod --force
says 1 ';; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: [0-9]+' resolve web.prod --server "$server"
says 1 "cmapctl: namespace 'prod' holds services; .*" namespace delete prod
says 0 '' namespace delete prod --force
says 4 "cmapctl: no namespace 'prod'; .*" namespace delete prod

# Eight at once register in a service that is not there yet.
n=$((n + 1))
jobs=
for i in 1 2 3 4 5 6 7 8; do
	"$ctl" register new.inner.prod --ip "10.0.0.$i" >"$dir/out$i" 2>&1 &
	jobs="$jobs $!"
done
failed=0
for job in $jobs; do
	wait "$job" || failed=$((failed + 1))
done
count=$("$ctl" list new.inner.prod | grep -c '^10-0-0-')
if [ "$failed" -eq 0 ] && [ "$count" -eq 8 ]; then
	echo "ok $n - eight make the same service at once"
else
	echo "not ok $n - eight make the same service at once"
	cat "$dir"/out? | sed "s/^/# /"
fi

kill "$pid"
wait "$pid"
pid=
says 69 "cmapctl: cannot reach cmapd at $dir/s: .*; is cmapd running\?" status
echo "1..$n"
