/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "base/compiler.h"
#include "base/mem.h"
#include "run.h"

#include <stdlib.h>

/* Nothing listens there: a line that passes for good fails with 69, not 64. */
#define NOWHERE "/nonexistent/cmap.sock"

static const struct {
	const char *line; /* words split at single spaces */
	const char *err;  /* behind "cmapctl: " */
} malformed[] = {
	{"", "no command given; see: cmapctl --help"},
	{"--json", "no command given; see: cmapctl --help"},
	{"frobnicate", "unknown command 'frobnicate'; see: cmapctl --help"},
	{"drain web.prod i-1", "unknown command 'drain'; see: cmapctl --help"},
	{"Register web.prod", "unknown command 'Register'; see: cmapctl --help"},
	{"namespace", "'namespace' needs a command; see: cmapctl namespace --help"},
	{"service --json", "'service' needs a command; see: cmapctl service --help"},
	{"namespace make x",
		"unknown command 'namespace make'; see: cmapctl namespace --help"},
	{"--frob status", "unknown option '--frob'; see: cmapctl --help"},
	{"status --frob=1", "unknown option '--frob'; see: cmapctl status --help"},
	{"status -q", "unknown option '-q'; see: cmapctl status --help"},
	{"namespace --frob", "unknown option '--frob'; see: cmapctl namespace --help"},
	{"status --port 1", "unknown option '--port'; see: cmapctl status --help"},
	{"--port 1 register web.prod", "unknown option '--port'; see: cmapctl --help"},
	{"register web.prod --por 1",
		"unknown option '--por'; see: cmapctl register --help"},
	{"status --json=yes", "option '--json' takes no value"},
	{"register web.prod --port", "option '--port' needs a value: N"},
	{"register web.prod --port 1 --port 2", "option '--port' is given twice"},
	{"status --socket", "option '--socket' needs a value: PATH"},
	{"status --socket /a --socket /b", "option '--socket' is given twice"},
	{"status --socket /a --api http://[::1]:80",
		"options '--socket' and '--api' exclude each other"},
	{"status --socket=", "option '--socket' has an empty path"},
	{"status --api 127.0.0.1:8080", "'127.0.0.1:8080' is not a URL of the API; "
					"write it as http://ADDR:PORT"},
	{"status --api ftp://a",
		"'ftp://a' is not a URL of the API; write it as http://ADDR:PORT"},
	{"status --api http://",
		"'http://' is not a URL of the API; write it as http://ADDR:PORT"},
	{"status now", "'status' takes no operand 'now'; see: cmapctl status --help"},
	{"namespace create",
		"'namespace create' needs NAME; see: cmapctl namespace create --help"},
	{"namespace create a b", "'namespace create' takes no operand 'b'; see: "
				 "cmapctl namespace create --help"},
	{"namespace create a..b", "'a..b' is not a name for a namespace"},
	{"namespace create arn:x --http", "'arn:x' is not a name for a namespace"},
	{"namespace create a --http --public",
		"options '--http' and '--public' exclude each other"},
	{"namespace create a --http --soa-ttl 5s",
		"options '--http' and '--soa-ttl' exclude each other"},
	{"namespace create a --http --vpc v",
		"options '--http' and '--vpc' exclude each other"},
	{"namespace create a --public --vpc v",
		"options '--public' and '--vpc' exclude each other"},
	{"namespace create a --soa-ttl 1500ms",
		"option '--soa-ttl': '1500ms' is not in whole seconds"},
	{"service create web.prod --a --cname",
		"option '--cname' goes with no other record"},
	{"service create web.prod --http --srv",
		"option '--http' goes with no option about records"},
	{"service create web.prod --a --ttl 5",
		"option '--ttl': '5' is not a duration, such as 500ms, 30s, 5m or 1h"},
	{"service show web", "'web' is not SERVICE.NAMESPACE, such as web.prod"},
	{"register",
		"'register' needs SERVICE.NAMESPACE; see: cmapctl register --help"},
	{"register web", "'web' is not SERVICE.NAMESPACE, such as web.prod"},
	{"register .prod", "'.prod' is not SERVICE.NAMESPACE, such as web.prod"},
	{"register web. --ip 192.0.2.1",
		"'web.' is not SERVICE.NAMESPACE, such as web.prod"},
	{"register web..prod",
		"'web..prod' is not SERVICE.NAMESPACE, such as web.prod"},
	{"register web.prod 192.0.2.1", "'register' takes no operand '192.0.2.1'; see: "
					"cmapctl register --help"},
	{"register web.prod --ip 192.0.2",
		"option '--ip': '192.0.2' is not an IPv4 or IPv6 address"},
	{"register web.prod --ip 192.0.2.256",
		"option '--ip': '192.0.2.256' is not an IPv4 or IPv6 address"},
	{"register web.prod --ip 192.0.2.1:80",
		"option '--ip': '192.0.2.1:80' is not an IPv4 or IPv6 address"},
	{"register web.prod --ip fe80::1%eth0",
		"option '--ip': 'fe80::1%eth0' is not an IPv4 or IPv6 address"},
	{"register web.prod --ip=", "option '--ip': '' is not an IPv4 or IPv6 address"},
	{"register web.prod --ip 192.0.2.1 --ip 192.0.2.2",
		"option '--ip': '192.0.2.2' is one IPv4 address too many; register one "
		"instance for each"},
	{"register web.prod --ip 192.0.2.1 --port 0",
		"option '--port': '0' is not a number from 1 to 65535"},
	{"register web.prod --ip 192.0.2.1 --port 65536",
		"option '--port': '65536' is not a number from 1 to 65535"},
	{"register web.prod --ip 192.0.2.1 --port +80",
		"option '--port': '+80' is not a number from 1 to 65535"},
	{"register web.prod --ip 192.0.2.1 --port 99999999999999999999",
		"option '--port': '99999999999999999999' is not a number from 1 to "
		"65535"},
	{"register web.prod --ip 192.0.2.1 --lease 30",
		"option '--lease': '30' is not a duration, such as 500ms, 30s, 5m or "
		"1h"},
	{"register web.prod --ip 192.0.2.1 --lease -5s",
		"option '--lease': '-5s' is not a duration, such as 500ms, 30s, 5m or "
		"1h"},
	{"register web.prod --ip 192.0.2.1 --lease 0",
		"option '--lease': '0' is not from 1s to 7d"},
	{"register web.prod --ip 192.0.2.1 --lease 999ms",
		"option '--lease': '999ms' is not from 1s to 7d"},
	{"register web.prod --ip 192.0.2.1 --lease 8d",
		"option '--lease': '8d' is not from 1s to 7d"},
	{"register web.prod --ip 192.0.2.1 --lease 366d",
		"option '--lease': '366d' is too long"},
	{"register web.prod --ip 192.0.2.1 --ttl 1500ms",
		"option '--ttl': '1500ms' is not in whole seconds"},
	{"register web.prod --ip 192.0.2.1 --attr color",
		"option '--attr': 'color' is not KEY=VALUE"},
	{"register web.prod --ip 192.0.2.1 --attr =red",
		"option '--attr': '=red' is not KEY=VALUE"},
	{"register web.prod --ip 192.0.2.1 --attr a=1 --attr a=2",
		"option '--attr': 'a' is given twice"},
	{"register web.prod --ip 192.0.2.1 --attr CMAP_LEASE=5s",
		"option '--attr': 'CMAP_LEASE' is set by option '--lease'"},
	{"register web.prod --ip 192.0.2.1 --id i!1",
		"'i!1' is not an instance id: 1 to 64 letters, digits and _/:.@-"},
	{"register web.prod --cname a.b --ip 192.0.2.1",
		"options '--cname' and '--ip' exclude each other"},
	{"register web.prod --cname a.b --port 80",
		"options '--cname' and '--port' exclude each other"},
	{"register web.prod --cname a..b",
		"option '--cname': 'a..b' is not a domain name"},
	{"register web.prod --port 80", "'register' needs a name for the instance: "
					"--ip ADDR to make it from, or --id ID"},
	{"renew web.prod",
		"'renew' needs SERVICE.NAMESPACE ID...; see: cmapctl renew --help"},
	{"renew web.prod i-1 i#2",
		"'i#2' is not an instance id: 1 to 64 letters, digits and _/:.@-"},
	{"deregister web i-1", "'web' is not SERVICE.NAMESPACE, such as web.prod"},
	{"list a.b c.d", "'list' takes no operand 'c.d'; see: cmapctl list --help"},
	{"discover web.prod --healthy --all",
		"options '--healthy' and '--all' exclude each other"},
	{"discover web.prod --max 1001",
		"option '--max': '1001' is not a number from 1 to 1000"},
	{"discover web.prod --query zone", "option '--query': 'zone' is not KEY=VALUE"},
	{"health", "'health' needs a command; see: cmapctl health --help"},
	{"health set web.prod healthy",
		"'health set' needs SERVICE.NAMESPACE healthy|unhealthy ID...; see: "
		"cmapctl health set --help"},
	{"health set web.prod i-1 healthy", "'i-1' is neither healthy nor unhealthy"},
	{"health set web healthy i-1",
		"'web' is not SERVICE.NAMESPACE, such as web.prod"},
	{"health set web.prod healthy i#1",
		"'i#1' is not an instance id: 1 to 64 letters, digits and _/:.@-"},
	{"health show web.prod i-1 i#1",
		"'i#1' is not an instance id: 1 to 64 letters, digits and _/:.@-"},
	{"tag set prod",
		"'tag set' needs NAME KEY=VALUE...; see: cmapctl tag set --help"},
	{"tag set prod team", "'team' is not KEY=VALUE"},
	{"tag set prod =x", "'=x' is not KEY=VALUE"},
	{"tag set prod a=1 b=2 a=3", "'a' is given twice"},
	{"tag remove prod",
		"'tag remove' needs NAME KEY...; see: cmapctl tag remove --help"},
	{"tag list prod --service",
		"'prod' is not SERVICE.NAMESPACE, such as web.prod"},
	{"attribute set web.prod port", "'port' is not KEY=VALUE"},
	{"attribute list prod", "'prod' is not SERVICE.NAMESPACE, such as web.prod"},
	{"namespace create a --tag b", "option '--tag': 'b' is not KEY=VALUE"},
	{"service create a.b --a --tag b=1 --tag b=2",
		"option '--tag': 'b' is given twice"},
	{"namespace update prod",
		"what shall change of 'prod'? --description or --soa-ttl"},
	{"namespace update prod --soa-ttl 5", "option '--soa-ttl': '5' is not a "
					      "duration, such as 500ms, 30s, 5m or 1h"},
	{"service update web.prod",
		"what shall change of 'web.prod'? --description or --ttl"},
	{"service update web.prod --ttl 1500ms",
		"option '--ttl': '1500ms' is not in whole seconds"},
	{"operation list --max 0",
		"option '--max': '0' is not a number from 1 to 1000"},
	{"operation list --service web.prod --namespace prod",
		"options '--service' and '--namespace' exclude each other"},
	{"operation show",
		"'operation show' needs ID; see: cmapctl operation show --help"},
	{"register web.prod --ip 192.0.2.1 --weight 0",
		"option '--weight': '0' is not a number from 1 to 255"},
	{"register web.prod --ip 192.0.2.1 --weight 256",
		"option '--weight': '256' is not a number from 1 to 255"},
	{"register web.prod --ip 192.0.2.1 --attr CMAP_WEIGHT=2",
		"option '--attr': 'CMAP_WEIGHT' is set by option '--weight'"},
	{"register web.prod --ip 192.0.2.1 --attr AWS_INIT_HEALTH_STATUS=HEALTHY",
		"option '--attr': 'AWS_INIT_HEALTH_STATUS' is set by option "
		"'--unhealthy'"},
	{"resolve a..b", "'a..b' is not a domain name"},
	{"resolve a.b BOGUS", "'BOGUS' is not a record type"},
	{"resolve a.b AXFR", "'AXFR' cannot be asked for here"},
	{"resolve a.b A --server ns.example",
		"option '--server': 'ns.example' is not ADDR or ADDR:PORT"},
	{"resolve a.b A --server 127.0.0.1:0",
		"option '--server': '127.0.0.1:0' is not ADDR or ADDR:PORT"},
};

Test(args, a_malformed_line_is_refused_in_one_line)
{
	for (size_t i = 0; i < CMAP_COUNT(malformed); i++) {
		bool own_door = strstr(malformed[i].line, "--socket") != NULL ||
				strstr(malformed[i].line, "--api") != NULL;
		char *want = xasprintf("cmapctl: %s\n", malformed[i].err);
		struct run r;

		run_line(&r, own_door ? NULL : NOWHERE, malformed[i].line);
		cr_expect_str_eq(r.err, want, "'%s' said: %s", malformed[i].line,
			r.err);
		cr_expect_eq(r.status, 64, "'%s' ended with %d", malformed[i].line,
			r.status);
		cr_expect_str_eq(r.out, "", "'%s' printed: %s", malformed[i].line,
			r.out);
		run_free(&r);
		free(want);
	}
}

Test(args, a_long_or_odd_word_is_refused_in_one_line)
{
	char path[109];
	char key[300];
	char value[1100];
	const struct {
		const char *const words[6];
		const char *start;
	} lines[] = {
		{{"status", "--socket", path}, "cmapctl: socket path 'ppp"},
		{{"register", "a.b", "--ip", "::1", "--attr", key},
			"cmapctl: option '--attr': key 'kkk"},
		{{"register", "a.b", "--ip", "::1", "--attr", value},
			"cmapctl: option '--attr': value of 'v' is not up to 1024 "
			"printable"},
		{{"register", "a.b", "--ip", "::1", "--attr", "v= x"},
			"cmapctl: option '--attr': value of 'v' is not up to 1024 "
			"printable"},
		{{"register", "a b.c"}, "cmapctl: 'a b.c' is not SERVICE.NAMESPACE"},
		{{"register", "a\n\033[31m.c"},
			"cmapctl: 'a\\x0A\\x1B[31m.c' is not SERVICE.NAMESPACE"},
		{{"list", "\xC3\xA9.prod"},
			"cmapctl: '\\xC3\\xA9.prod' is not SERVICE.NAMESPACE"},
		{{"list", "\xFF.prod"}, "cmapctl: '\\xFF.prod' is not valid UTF-8\n"},
		{{"resolve", ""}, "cmapctl: '' is not a domain name\n"},
		{{"namespace", "create", ""},
			"cmapctl: '' is not a name for a namespace\n"},
	};

	memset(path, 'p', 108);
	path[108] = '\0';
	memset(key, 'k', 299);
	memcpy(key + 256, "=1", 3);
	memset(value, 'v', 1099);
	value[1] = '=';
	value[1099] = '\0';
	for (size_t i = 0; i < CMAP_COUNT(lines); i++) {
		struct run r;
		const char *words[8] = {NULL};

		memcpy(words, lines[i].words, sizeof(lines[i].words));
		run_ctl(&r, words);
		cr_expect(run_begins(r.err, lines[i].start), "%zu said: %s", i, r.err);
		cr_expect_eq(strchr(r.err, '\n'), r.err + strlen(r.err) - 1,
			"%zu: not one line", i);
		cr_expect_eq(r.status, 64);
		run_free(&r);
	}
}

Test(args, options_stand_anywhere_and_take_values_either_way)
{
	static const char *const lines[] = {
		"status --socket " NOWHERE,
		"--socket=" NOWHERE " status",
		"--json --socket " NOWHERE " namespace list",
		"namespace --socket " NOWHERE " list --json",
		"register --port=80 --socket " NOWHERE " --ip 192.0.2.1 web.prod",
		"register web.prod. --socket=" NOWHERE
		" --ip ::1 --ip 192.0.2.1 --attr a= --lease 1h",
		"deregister --socket " NOWHERE " -- web.prod i-1 -x",
	};

	for (size_t i = 0; i < CMAP_COUNT(lines); i++) {
		struct run r;

		run_line(&r, NULL, lines[i]);
		cr_expect_str_eq(r.err,
			"cmapctl: cannot reach cmapd at " NOWHERE
			": No such file or directory; is cmapd running?\n",
			"'%s' said: %s", lines[i], r.err);
		cr_expect_eq(r.status, 69);
		run_free(&r);
	}
}
