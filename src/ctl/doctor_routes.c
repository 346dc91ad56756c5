/* SPDX-License-Identifier: MIT */
/* doctor_routes.c -- findings about who is asked for the zones: name servers, systemd-resolved, dnsmasq, nss-mdns. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ctl/doctor.h"

#define STUB_NET                                                                       \
	0x7F000035U /* 127.0.0.53; 127.0.0.54 is the other door of systemd-resolved */

static bool is_stub(const struct doctor_server *s)
{
	uint32_t at = s->addr.any.sa_family == AF_INET
			      ? ntohl(s->addr.in.sin_addr.s_addr)
			      : 0;

	return at == STUB_NET || at == STUB_NET + 1;
}

static bool is_local(const char *zone)
{
	return doctor_name_is_below(zone, "local");
}

/* The servers of origin that answer: do they all, or does one of them, know zone? Of none: false. */
static bool known(const struct doctor *d, enum doctor_origin origin, const char *zone,
	bool by_all)
{
	size_t n = 0;
	size_t knowing = 0;

	for (size_t i = 0; i < d->n_servers; i++) {
		const struct doctor_server *s = &d->servers[i];

		if (s->origin != origin || s->reach != DOCTOR_ANSWERS)
			continue;
		n++;
		knowing += doctor_words_hold(&s->knows, zone);
	}
	return knowing > 0 && (!by_all || knowing == n);
}

/* Adds text and a separator before it if it is not the first. */
static void add_to_list(struct buf *b, const char *separator, const char *text)
{
	buf_printf(b, "%s%s", b->len > 0 ? separator : "", text);
}

/* ---- systemd-resolved ---- */

static struct doctor_server *listed_stub(struct doctor *d)
{
	for (size_t i = 0; i < d->n_servers; i++) {
		if (d->servers[i].origin == DOCTOR_LISTED && is_stub(&d->servers[i]))
			return &d->servers[i];
	}
	return NULL;
}

/* Programs ask systemd-resolved by way of nsswitch.conf, and end there. */
static bool nss_ends_at_resolved(const struct nss_hosts *h)
{
	size_t at = nss_hosts_find(h, "resolve");

	return at < nss_hosts_find(h, "dns") && at < h->n &&
	       h->services[at].ends_notfound;
}

/* systemd-resolved asks somebody for zone who knows it. */
static bool resolved_routes(const struct doctor *d, const struct doctor_server *stub,
	const char *zone)
{
	const struct resolved_conf *r = &d->host.resolved;

	if (stub != NULL && doctor_words_hold(&stub->knows, zone))
		return true;
	if (known(d, DOCTOR_STUB, zone, false))
		return true;
	/* "~." is not enough for .local. */
	for (size_t i = 0; i < r->domains.n && r->servers.n > 0; i++) {
		bool all = strspn(r->domains.at[i], ".") == strlen(r->domains.at[i]);

		if (doctor_name_is_below(zone, r->domains.at[i]) &&
			!(all && is_local(zone)))
			return true;
	}
	return !is_local(zone) && known(d, DOCTOR_UPLINK, zone, true);
}

static struct doctor_change resolved_change(const struct doctor *d, const char *domains)
{
	char *to = doctor_cmapd_text(d, ':');
	char *text = xasprintf("[Resolve]\nDNS=%s\nDomains=%s\nDNSSEC=no", to, domains);

	free(to);
	return (struct doctor_change){DOCTOR_RESOLVED_OURS, NULL, text};
}

static void add_resolved(struct doctor *d, bool by_stub, const char *plain,
	const char *local, const char *domains)
{
	const struct nss_hosts *h = &d->host.hosts;

	if (!by_stub) {
		doctor_report_add(&d->report, DOCTOR_NSS_RESOLVE,
			(struct doctor_change){DOCTOR_NSSWITCH, &h->line,
				nss_hosts_without(h, "resolve")},
			"resolve stands before dns, and systemd-resolved does not send "
			"%s%s%s to cmapd",
			plain, plain[0] != '\0' && local[0] != '\0' ? ", " : "", local);
		return;
	}
	if (plain[0] != '\0')
		doctor_report_add(&d->report, DOCTOR_RESOLVED_ROUTE,
			resolved_change(d, domains),
			"resolv.conf leads to systemd-resolved, which does not send %s "
			"to cmapd",
			plain);
	if (local[0] != '\0')
		doctor_report_add(&d->report, DOCTOR_RESOLVED_LOCAL,
			resolved_change(d, domains),
			"resolv.conf leads to systemd-resolved, which does not send %s "
			"to cmapd",
			local);
}

static void check_resolved(struct doctor *d)
{
	struct doctor_server *stub = listed_stub(d);
	const struct resolved_conf *r = &d->host.resolved;
	struct buf plain = {0};
	struct buf local = {0};
	struct buf domains = {0};

	if (stub == NULL && !nss_ends_at_resolved(&d->host.hosts))
		return;
	for (size_t i = 0; i < d->zones.n; i++) {
		const char *zone = d->zones.at[i];

		if (resolved_routes(d, stub, zone))
			continue;
		if (!is_local(zone)) {
			add_to_list(&plain, ", ", zone);
			buf_printf(&domains, "%s~%s", domains.len > 0 ? " " : "", zone);
		} else {
			add_to_list(&local, ", ", zone);
		}
	}
	if (local.len > 0)
		add_to_list(&domains, " ", "~local");
	if (plain.len > 0 || local.len > 0) {
		add_resolved(d, stub != NULL, buf_text(&plain), buf_text(&local),
			buf_text(&domains));
		if (stub != NULL)
			stub->explained = true;
	}
	if (d->zones.n > 0 && r->dnssec)
		doctor_report_add(&d->report, DOCTOR_RESOLVED_DNSSEC,
			(struct doctor_change){
				r->dnssec_file, &r->dnssec_line, xstrdup("DNSSEC=no")},
			"systemd-resolved takes signed answers only");
	buf_free(&plain);
	buf_free(&local);
	buf_free(&domains);
}

/* ---- dnsmasq ---- */

/* dnsmasq is what listens on a loopback address that resolv.conf names. */
static struct doctor_server *find_dnsmasq(struct doctor *d)
{
	for (size_t i = 0; d->host.has_dnsmasq && i < d->n_servers; i++) {
		struct doctor_server *s = &d->servers[i];

		if (s->origin == DOCTOR_LISTED && !is_stub(s) &&
			sock_addr_is_loopback(&s->addr))
			return s;
	}
	return NULL;
}

static void check_dnsmasq(struct doctor *d)
{
	const struct dnsmasq_conf *m = &d->host.dnsmasq;
	const char *file =
		d->host.by_network_manager ? DOCTOR_NM_OURS : DOCTOR_DNSMASQ_OURS;
	struct doctor_server *s = find_dnsmasq(d);
	struct buf unsent = {0};
	struct buf lines = {0};
	struct buf bound = {0};
	char *to = doctor_cmapd_text(d, '#');

	for (size_t i = 0; s != NULL && i < d->zones.n; i++) {
		const char *zone = d->zones.at[i];
		bool sends = dnsmasq_conf_sends(m, zone);
		bool knows = doctor_words_hold(&s->knows, zone);

		if (!sends && !knows) {
			add_to_list(&unsent, ", ", zone);
			buf_printf(&lines, "%sserver=/%s/%s", lines.len > 0 ? "\n" : "",
				zone, to);
		}
		/* What knows the zone without being told where to ask is cmapd itself. */
		if (m->rebind.text != NULL && (sends || !knows) &&
			!doctor_words_cover(&m->unbound, zone))
			buf_printf(&bound, "%s%s", bound.len > 0 ? "/" : "", zone);
	}
	if (unsent.len > 0) {
		doctor_report_add(&d->report, DOCTOR_DNSMASQ_SERVER,
			(struct doctor_change){file, NULL, buf_take(&lines)},
			"resolv.conf leads to dnsmasq at %s, which is not told to ask "
			"cmapd for %s",
			s->text, buf_text(&unsent));
		s->explained = true;
	}
	if (bound.len > 0)
		doctor_report_add(&d->report, DOCTOR_DNSMASQ_REBIND,
			(struct doctor_change){file, NULL,
				xasprintf("rebind-domain-ok=/%s/", buf_text(&bound))},
			"%s has stop-dns-rebind, and no rebind-domain-ok for %s",
			m->rebind_file, buf_text(&bound));
	buf_free(&unsent);
	buf_free(&lines);
	buf_free(&bound);
	free(to);
}

/* ---- multicast DNS ---- */

static void check_mdns(struct doctor *d)
{
	const struct nss_hosts *h = &d->host.hosts;
	size_t at = nss_hosts_find(h, "mdns");
	const char *zone = NULL;
	bool asked = false;
	bool answered = false;

	for (size_t i = 0; i < d->zones.n && zone == NULL; i++)
		zone = is_local(d->zones.at[i]) ? d->zones.at[i] : NULL;
	if (zone == NULL || at == h->n || at > nss_hosts_find(h, "dns"))
		return;
	for (size_t i = 0; i < d->n_servers && !asked; i++) {
		struct doctor_server *s = &d->servers[i];

		/* nss-mdns asks by resolv.conf; without one that answers, whom the user meant. */
		if (s->reach != DOCTOR_ANSWERS ||
			(s->origin != DOCTOR_LISTED && s->origin != DOCTOR_GIVEN))
			continue;
		asked = true;
		doctor_server_try_zone(s, "local");
		answered = doctor_words_hold(&s->knows, "local");
	}
	if (!answered)
		doctor_report_add(&d->report, DOCTOR_NSS_MDNS,
			(struct doctor_change){DOCTOR_NSSWITCH, &h->line,
				nss_hosts_without(h, "mdns")},
			"%s stands before dns, %s is below .local, and the SOA of "
			"local. is not answered",
			h->services[at].name, zone);
}

/* ---- name servers ---- */

static void check_reach(struct doctor *d)
{
	for (size_t i = 0; i < d->n_servers; i++) {
		struct doctor_server *s = &d->servers[i];
		struct doctor_change change;

		if ((s->origin != DOCTOR_LISTED && s->origin != DOCTOR_GIVEN) ||
			s->reach == DOCTOR_ANSWERS)
			continue;
		change = doctor_change_server(d, s);
		if (s->reach == DOCTOR_ELSEWHERE)
			doctor_report_add(&d->report, DOCTOR_OTHER_SOURCE, change,
				"%s was asked, %s has answered", s->text, s->from);
		else
			doctor_report_add(&d->report, DOCTOR_UNREACHABLE, change,
				"%s does not answer: %s", s->text, strerror(s->error));
	}
}

/* The first zone that s does not know and another one of resolv.conf does, or NULL. */
static const char *missed_zone(const struct doctor *d, const struct doctor_server *s)
{
	for (size_t i = 0; i < d->zones.n; i++) {
		if (!doctor_words_hold(&s->knows, d->zones.at[i]) &&
			known(d, DOCTOR_LISTED, d->zones.at[i], false))
			return d->zones.at[i];
	}
	return NULL;
}

static void check_beside(struct doctor *d)
{
	for (size_t i = 0; i < d->n_servers; i++) {
		struct doctor_server *s = &d->servers[i];
		const char *zone;

		if (s->origin != DOCTOR_LISTED || s->reach != DOCTOR_ANSWERS ||
			s->explained)
			continue;
		zone = missed_zone(d, s);
		if (zone == NULL)
			continue;
		doctor_report_add(&d->report, DOCTOR_SECOND_NAMESERVER,
			(struct doctor_change){DOCTOR_RESOLV, &s->listed->line, NULL},
			"%s is listed beside a server that knows %s, and does not know "
			"it",
			s->text, zone);
	}
}

/* cmapd answers, and knows zone no more than others do. */
static bool is_nobodys(const struct doctor *d, const char *zone)
{
	bool asked = false;

	for (size_t i = 0; i < d->n_servers; i++) {
		const struct doctor_server *s = &d->servers[i];

		if (doctor_words_hold(&s->knows, zone))
			return false;
		asked |= s->reach == DOCTOR_ANSWERS && d->cmapd.len != 0 &&
			 sock_addr_equal(&s->addr, &d->cmapd);
	}
	return asked;
}

/* The first of resolv.conf that answers; NULL if there is none, or a finding has said what it does not know and why. */
static const struct doctor_server *first_unexplained(const struct doctor *d)
{
	const struct doctor_server *first = NULL;

	for (size_t i = 0; i < d->n_servers; i++) {
		const struct doctor_server *s = &d->servers[i];

		if (s->origin != DOCTOR_LISTED)
			continue;
		if (s->explained)
			return NULL;
		if (first == NULL && s->reach == DOCTOR_ANSWERS)
			first = s;
	}
	return first;
}

/* Zones that nobody in resolv.conf knows. */
static void check_served(struct doctor *d)
{
	struct buf zones = {0};
	const struct doctor_server *first = first_unexplained(d);

	for (size_t i = 0; i < d->zones.n; i++) {
		const char *zone = d->zones.at[i];

		if (is_nobodys(d, zone))
			doctor_report_add(&d->report, DOCTOR_NAME_UNKNOWN,
				(struct doctor_change){NULL, NULL,
					xasprintf("cmapctl namespace create %s", zone)},
				"cmapd knows no namespace %s", zone);
		else if (first != NULL && !known(d, DOCTOR_LISTED, zone, false))
			add_to_list(&zones, ", ", zone);
	}
	if (zones.len > 0)
		doctor_report_add(&d->report, DOCTOR_NOT_SERVED,
			(struct doctor_change){DOCTOR_RESOLV, &first->listed->line,
				doctor_cmapd_line(d)},
			"no name server of resolv.conf knows %s", buf_text(&zones));
	buf_free(&zones);
}

void doctor_check_routes(struct doctor *d)
{
	check_reach(d);
	check_resolved(d);
	check_dnsmasq(d);
	check_mdns(d);
	check_beside(d);
	check_served(d);
}
