/* SPDX-License-Identifier: MIT */
/* doctor_rules.c -- findings in resolv.conf, nsswitch.conf and nscd.conf. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "ctl/doctor.h"

static size_t count_usable(const struct resolv_conf *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_servers; i++)
		n += r->servers[i].usable;
	return n;
}

/* "127.0.0.1:5300" was meant to be something: the line without the port, or NULL. */
static char *repaired(const struct resolv_server *s)
{
	struct sock_addr addr;
	char text[INET6_ADDRSTRLEN];
	const char *shown;

	if (sock_addr_parse(s->text, 53, &addr) != CMAP_OK)
		return NULL;
	shown = addr.any.sa_family == AF_INET
			? inet_ntop(AF_INET, &addr.in.sin_addr, text, sizeof(text))
			: inet_ntop(AF_INET6, &addr.in6.sin6_addr, text, sizeof(text));
	return xasprintf("nameserver %s", shown);
}

static void check_servers(struct doctor *d)
{
	const struct resolv_conf *r = &d->host.resolv;
	size_t n = 0;

	if (count_usable(r) == 0)
		doctor_report_add(&d->report,
			d->host.has_resolv ? DOCTOR_NO_NAMESERVER
					   : DOCTOR_NO_RESOLV_CONF,
			(struct doctor_change){
				DOCTOR_RESOLV, NULL, doctor_cmapd_line(d)},
			d->host.has_resolv ? "resolv.conf names no name server"
					   : "there is no resolv.conf");
	for (size_t i = 0; i < r->n_servers; i++) {
		const struct resolv_server *s = &r->servers[i];

		if (!s->usable)
			doctor_report_add(&d->report, DOCTOR_BAD_NAMESERVER,
				(struct doctor_change){
					DOCTOR_RESOLV, &s->line, repaired(s)},
				"'%s' is not an IP address", s->text);
		else if (n++ >= DOCTOR_SERVERS_ASKED)
			doctor_report_add(&d->report, DOCTOR_TOO_MANY_NAMESERVERS,
				(struct doctor_change){DOCTOR_RESOLV, &s->line, NULL},
				"%s is name server number %zu", s->text, n);
	}
}

/* All that are listed know all zones: then it does not matter who is asked. */
static bool all_know(const struct doctor *d)
{
	for (size_t i = 0; i < d->n_servers; i++) {
		if (d->servers[i].origin == DOCTOR_LISTED &&
			d->servers[i].knows.n < d->zones.n)
			return false;
	}
	return d->zones.n > 0;
}

/* The change that takes option out of line, or puts instead in its place. */
static struct doctor_change option(const struct doctor_line *line, const char *name,
	const char *instead)
{
	return (struct doctor_change){
		DOCTOR_RESOLV, line, resolv_conf_without(line->text, name, instead)};
}

static void check_options(struct doctor *d)
{
	const struct resolv_conf *r = &d->host.resolv;
	struct doctor_report *out = &d->report;

	if (r->ndots > 1 && r->search.n > 0)
		doctor_report_add(out, DOCTOR_NDOTS,
			option(&r->ndots_line, "ndots", "ndots:1"),
			"looking up a name of fewer than %u dots asks for up to %zu "
			"names: %zu questions with A and AAAA",
			r->ndots, r->search.n + 1, 2 * (r->search.n + 1));
	if (r->rotate_line.text != NULL && count_usable(r) > 1 && !all_know(d))
		doctor_report_add(out, DOCTOR_ROTATE,
			option(&r->rotate_line, "rotate", NULL),
			"'options rotate' with %zu name servers", count_usable(r));
	if (r->use_vc_line.text != NULL)
		doctor_report_add(out, DOCTOR_USE_VC,
			option(&r->use_vc_line, "use-vc", NULL),
			"'options use-vc' asks over TCP alone");
	if (r->single_request_line.text != NULL)
		doctor_report_add(out, DOCTOR_SINGLE_REQUEST,
			option(&r->single_request_line, "single-request", NULL),
			"'options single-request' asks for A and AAAA in turn");
}

static void check_nss(struct doctor *d)
{
	const struct nss_hosts *h = &d->host.hosts;

	if (h->line.text != NULL && nss_hosts_find(h, "dns") == h->n &&
		nss_hosts_find(h, "resolve") == h->n)
		doctor_report_add(&d->report, DOCTOR_NSS_NO_DNS,
			(struct doctor_change){
				DOCTOR_NSSWITCH, &h->line, nss_hosts_without(h, NULL)},
			"the hosts line does not have dns");
	if (d->host.nscd_hosts.text != NULL)
		doctor_report_add(&d->report, DOCTOR_NSCD_HOSTS,
			(struct doctor_change){DOCTOR_NSCD, &d->host.nscd_hosts,
				xstrdup("enable-cache hosts no")},
			"nscd runs, and keeps what hosts are found");
}

void doctor_check_files(struct doctor *d)
{
	check_servers(d);
	check_options(d);
	check_nss(d);
}
