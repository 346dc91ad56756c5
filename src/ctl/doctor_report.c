/* SPDX-License-Identifier: MIT */
#include "ctl/doctor_report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define ERROR   "error"   /* names do not resolve, or not always */
#define WARNING "warning" /* they do, but slowly or not as spread */

static const struct {
	const char *name;
	const char *severity;
	const char *why;
} codes[DOCTOR_CODES] = {
	[DOCTOR_NO_RESOLV_CONF] = {"no-resolv-conf", ERROR,
		"without the file every program asks 127.0.0.1"},
	[DOCTOR_NO_NAMESERVER] = {"no-nameserver", ERROR,
		"without a nameserver line every program asks 127.0.0.1"},
	[DOCTOR_BAD_NAMESERVER] = {"bad-nameserver", ERROR,
		"only an IP address can stand there, and its port is always 53; the "
		"line is passed over"},
	[DOCTOR_TOO_MANY_NAMESERVERS] = {"too-many-nameservers", WARNING,
		"glibc and musl ask the first 3 and never read on"},
	[DOCTOR_NDOTS] = {"resolv-ndots", WARNING,
		"names with fewer dots are tried below each search domain before they "
		"are asked for as they stand"},
	[DOCTOR_NO_SEARCH] = {"no-search", ERROR,
		"a name without a dot is asked for below the search domains"},
	[DOCTOR_ROTATE] = {"resolv-rotate", ERROR,
		"each process begins with another name server, also with one that does "
		"not know the names"},
	[DOCTOR_USE_VC] = {"resolv-use-vc", WARNING,
		"every question costs a TCP connection"},
	[DOCTOR_SINGLE_REQUEST] = {"resolv-single-request", WARNING,
		"AAAA is asked only when A is answered: every lookup takes twice the "
		"time"},
	[DOCTOR_UNREACHABLE] = {"unreachable", ERROR,
		"programs wait seconds for it before they ask the next name server"},
	[DOCTOR_OTHER_SOURCE] = {"other-source", ERROR,
		"resolvers drop a reply that does not come from the address they "
		"asked"},
	[DOCTOR_SECOND_NAMESERVER] = {"second-nameserver", ERROR,
		"musl asks all name servers at once and takes the first NXDOMAIN; list "
		"cmapd alone and have it forward to this one"},
	[DOCTOR_NOT_SERVED] = {"not-served", ERROR,
		"programs on this host will not find the names"},
	[DOCTOR_NAME_UNKNOWN] = {"name-unknown", ERROR,
		"what is not registered cannot be found"},
	[DOCTOR_NSS_NO_DNS] = {"nss-no-dns", ERROR,
		"programs with glibc never ask a name server"},
	[DOCTOR_NSS_MDNS] = {"nss-mdns", ERROR,
		"it takes names like web.local for multicast DNS and keeps the "
		"question from DNS"},
	[DOCTOR_NSS_RESOLVE] = {"nss-resolve", ERROR,
		"what systemd-resolved does not find is not looked for any further, "
		"and "
		"resolv.conf is not read"},
	[DOCTOR_NSCD_HOSTS] = {"nscd-hosts", WARNING,
		"nscd gives the same order of addresses until the TTL ends: all load "
		"goes to the first"},
	[DOCTOR_RESOLVED_ROUTE] = {"resolved-route", ERROR,
		"systemd-resolved sends the questions to whichever server it has"},
	[DOCTOR_RESOLVED_LOCAL] = {"resolved-local", ERROR,
		"systemd-resolved asks no server for .local unless it is told to"},
	[DOCTOR_RESOLVED_DNSSEC] = {"resolved-dnssec", ERROR,
		"the namespaces are not signed, so systemd-resolved refuses the "
		"answers"},
	[DOCTOR_DNSMASQ_SERVER] = {"dnsmasq-server", ERROR,
		"dnsmasq asks its other servers, which do not know the names"},
	[DOCTOR_DNSMASQ_REBIND] = {"dnsmasq-rebind", ERROR,
		"dnsmasq drops answers that hold private addresses"},
	[DOCTOR_RESTART] = {"restart", ERROR,
		"it reads its files when it starts; if it has, it does not reach "
		"cmapd"},
	[DOCTOR_NO_TCP] = {"no-tcp", ERROR,
		"answers that do not fit into a UDP reply are asked for again over "
		"TCP"},
	[DOCTOR_TRUNCATED_EMPTY] = {"truncated-empty", ERROR,
		"musl before 1.2.4 has no TCP, and finds nothing"},
	[DOCTOR_REPLY_TOO_LARGE] = {"reply-too-large", ERROR,
		"clients drop what is larger than they asked for"},
	[DOCTOR_EDNS_LOST] = {"edns-lost", ERROR,
		"larger replies, or EDNS itself, do not come through, and each "
		"question "
		"waits for it"},
	[DOCTOR_AAAA_NXDOMAIN] = {"aaaa-nxdomain", ERROR,
		"NXDOMAIN means that there is no record of any type; musl then finds "
		"nothing"},
};

const char *doctor_code_name(enum doctor_code code)
{
	return codes[code].name;
}

void doctor_report_add(struct doctor_report *r, enum doctor_code code,
	struct doctor_change change, const char *fmt, ...)
{
	struct doctor_finding *f;
	char what[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	r->at = xreallocarray(r->at, r->n + 1, sizeof(*r->at));
	f = &r->at[r->n++];
	*f = (struct doctor_finding){.code = code, .what = xstrdup(what)};
	f->file = change.file != NULL ? xstrdup(change.file) : NULL;
	f->change = change.text != NULL ? change.text : xstrdup("");
	if (change.line != NULL) {
		f->old = xstrdup(change.line->text);
		f->line = change.line->number;
	}
}

void doctor_report_free(struct doctor_report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct doctor_finding *f = &r->at[i];

		free(f->what);
		free(f->file);
		free(f->old);
		free(f->change);
	}
	free(r->at);
	*r = (struct doctor_report){0};
}

static void print_change(const struct doctor_finding *f, FILE *out)
{
	const char *text = f->change;

	if (f->file == NULL) {
		fprintf(out, "  do: %s\n", text);
		return;
	}
	if (f->old != NULL)
		fprintf(out, "  change %s, line %u:\n  - %s\n", f->file, f->line,
			f->old);
	else
		fprintf(out, "  add to %s:\n", f->file);
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		fprintf(out, "  + %.*s\n", (int)len, text);
		text += len;
		text += *text == '\n';
	}
}

void doctor_report_print(const struct doctor_report *r, FILE *out)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct doctor_finding *f = &r->at[i];

		fprintf(out, "%s%s %s: %s\n  why: %s\n", i > 0 ? "\n" : "",
			codes[f->code].severity, codes[f->code].name, f->what,
			codes[f->code].why);
		print_change(f, out);
	}
}

json_t *doctor_report_json(const struct doctor_report *r)
{
	json_t *all = json_array();

	for (size_t i = 0; i < r->n; i++) {
		const struct doctor_finding *f = &r->at[i];
		json_t *one = json_pack("{s:s, s:s, s:s, s:s, s:s}", "Code",
			codes[f->code].name, "Severity", codes[f->code].severity,
			"What", f->what, "Why", codes[f->code].why, "Change",
			f->change);

		if (f->file != NULL)
			json_object_set_new(one, "File", json_string(f->file));
		if (f->old != NULL) {
			json_object_set_new(one, "Line", json_integer(f->line));
			json_object_set_new(one, "Old", json_string(f->old));
		}
		json_array_append_new(all, one);
	}
	return json_pack("{s:o}", "Findings", all);
}
