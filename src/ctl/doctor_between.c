/* SPDX-License-Identifier: MIT */
/* doctor_between.c -- findings about who stands between programs and name servers: systemd-resolved, dnsmasq, nss-mdns. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ctl/doctor.h"

#define STUB                                                                           \
	0x7F000035U /* 127.0.0.53; the other door of systemd-resolved is 127.0.0.54 */

static bool is_stub(const struct doctor_server *s)
{
	uint32_t at = s->addr.any.sa_family == AF_INET
			      ? ntohl(s->addr.in.sin_addr.s_addr)
			      : 0;

	return at == STUB || at == STUB + 1;
}

static bool is_local(const char *zone)
{
	return doctor_name_is_below(zone, "local");
}

/* s is told to ask cmapd for zones, and answers that it does not know them. */
static void add_restart(struct doctor *d, const char *server, const char *service,
	const char *zones)
{
	doctor_report_add(&d->report, DOCTOR_RESTART,
		(struct doctor_change){
			NULL, NULL, xasprintf("systemctl restart %s", service)},
		"%s at %s is told to ask cmapd for %s, and does not know it", service,
		server, zones);
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

/* systemd-resolved if programs ask it by way of nsswitch.conf, and end there; or NULL. */
static const struct doctor_server *nss_stub(const struct doctor *d)
{
	const struct nss_hosts *h = &d->host.hosts;
	size_t at = nss_hosts_find(h, "resolve");

	if (at == h->n || at > nss_hosts_find(h, "dns") ||
		!h->services[at].ends_notfound)
		return NULL;
	for (size_t i = 0; i < d->n_servers; i++) {
		if (d->servers[i].origin == DOCTOR_STUB)
			return &d->servers[i];
	}
	return NULL;
}

/* By its files systemd-resolved asks somebody for zone who knows it. */
static bool resolved_routes(const struct doctor *d, const char *zone)
{
	const struct resolved_conf *r = &d->host.resolved;

	/* "~." is not enough for .local. */
	for (size_t i = 0; i < r->domains.n && r->servers.n > 0; i++) {
		bool all = strspn(r->domains.at[i], ".") == strlen(r->domains.at[i]);

		if (doctor_name_is_below(zone, r->domains.at[i]) &&
			!(all && is_local(zone)))
			return true;
	}
	return !is_local(zone) && doctor_is_known(d, DOCTOR_UPLINK, zone, true);
}

static struct doctor_change resolved_change(const struct doctor *d, const char *domains)
{
	char *to = doctor_cmapd_text(d, ':');
	char *text = xasprintf("[Resolve]\nDNS=%s\nDomains=%s", to, domains);

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

/* Zones that systemd-resolved is told to ask cmapd for, and answers that it does not know. */
static void add_unheeded(struct doctor *d, const char *stub, const char *zones)
{
	const struct resolved_conf *r = &d->host.resolved;

	if (r->validates)
		doctor_report_add(&d->report, DOCTOR_RESOLVED_DNSSEC,
			(struct doctor_change){
				r->dnssec_file, &r->dnssec_line, xstrdup("DNSSEC=no")},
			"systemd-resolved wants signed answers, and does not resolve "
			"%s",
			zones);
	else
		add_restart(d, stub, "systemd-resolved", zones);
}

static void check_resolved(struct doctor *d)
{
	struct doctor_server *stub = listed_stub(d);
	const struct doctor_server *asked = stub != NULL ? stub : nss_stub(d);
	struct buf plain = {0};
	struct buf local = {0};
	struct buf domains = {0};
	struct buf unheeded = {0};

	for (size_t i = 0; asked != NULL && i < d->zones.n; i++) {
		const char *zone = d->zones.at[i];

		if (doctor_words_hold(&asked->knows, zone))
			continue;
		if (resolved_routes(d, zone)) {
			if (asked->reach == DOCTOR_ANSWERS)
				doctor_list_add(&unheeded, ", ", zone);
		} else if (!is_local(zone)) {
			doctor_list_add(&plain, ", ", zone);
			buf_printf(&domains, "%s~%s", domains.len > 0 ? " " : "", zone);
		} else {
			doctor_list_add(&local, ", ", zone);
		}
	}
	if (local.len > 0)
		doctor_list_add(&domains, " ", "~local");
	if (plain.len > 0 || local.len > 0)
		add_resolved(d, stub != NULL, buf_text(&plain), buf_text(&local),
			buf_text(&domains));
	if (unheeded.len > 0)
		add_unheeded(d, asked->text, buf_text(&unheeded));
	if (stub != NULL)
		stub->explained = plain.len + local.len + unheeded.len > 0;
	buf_free(&plain);
	buf_free(&local);
	buf_free(&domains);
	buf_free(&unheeded);
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
	struct buf unheeded = {0};
	struct buf lines = {0};
	struct buf bound = {0};
	char *to = doctor_cmapd_text(d, '#');

	for (size_t i = 0; s != NULL && i < d->zones.n; i++) {
		const char *zone = d->zones.at[i];
		bool sends = dnsmasq_conf_sends(m, zone);
		bool knows = doctor_words_hold(&s->knows, zone);

		if (!sends && !knows) {
			doctor_list_add(&unsent, ", ", zone);
			buf_printf(&lines, "%sserver=/%s/%s", lines.len > 0 ? "\n" : "",
				zone, to);
		}
		if (sends && !knows && s->reach == DOCTOR_ANSWERS)
			doctor_list_add(&unheeded, ", ", zone);
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
	if (unheeded.len > 0) {
		add_restart(d, s->text,
			d->host.by_network_manager ? "NetworkManager" : "dnsmasq",
			buf_text(&unheeded));
		s->explained = true;
	}
	if (bound.len > 0)
		doctor_report_add(&d->report, DOCTOR_DNSMASQ_REBIND,
			(struct doctor_change){file, NULL,
				xasprintf("rebind-domain-ok=/%s/", buf_text(&bound))},
			"%s has stop-dns-rebind, and no rebind-domain-ok for %s",
			m->rebind_file, buf_text(&bound));
	buf_free(&unsent);
	buf_free(&unheeded);
	buf_free(&lines);
	buf_free(&bound);
	free(to);
}

/* ---- multicast DNS ---- */

/* nss-mdns keeps names of two labels; longer ones it leaves to DNS, as it does all of them where local. has an SOA. */
static void check_mdns(struct doctor *d)
{
	const struct nss_hosts *h = &d->host.hosts;
	size_t at = nss_hosts_find(h, "mdns");

	if (!doctor_words_hold(&d->zones, "local") || at == h->n ||
		at > nss_hosts_find(h, "dns"))
		return;
	for (size_t i = 0; i < d->n_servers; i++) {
		const struct doctor_server *s = &d->servers[i];

		/* It asks by resolv.conf; without one that answers, whom the user meant. */
		if (s->reach != DOCTOR_ANSWERS ||
			(s->origin != DOCTOR_LISTED && s->origin != DOCTOR_GIVEN))
			continue;
		if (doctor_words_hold(&s->knows, "local"))
			return;
		break;
	}
	doctor_report_add(&d->report, DOCTOR_NSS_MDNS,
		(struct doctor_change){
			DOCTOR_NSSWITCH, &h->line, nss_hosts_without(h, "mdns")},
		"%s stands before dns, and the SOA of local. is not answered",
		h->services[at].name);
}

void doctor_check_between(struct doctor *d)
{
	check_resolved(d);
	check_dnsmasq(d);
	check_mdns(d);
}
