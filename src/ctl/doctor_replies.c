/* SPDX-License-Identifier: MIT */
/* doctor_replies.c -- findings in what comes back: sizes, TCP, and the rcode for the other family. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "ctl/doctor.h"

#define PLAIN_SIZE 512 /* RFC 1035, 4.2.1: what a UDP reply may have without EDNS */

/* s is one that programs, or the user, ask. */
static bool is_asked(const struct doctor_server *s)
{
	return s->reach == DOCTOR_ANSWERS &&
	       (s->origin == DOCTOR_LISTED || s->origin == DOCTOR_GIVEN);
}

static struct doctor_change advice(const char *text)
{
	return (struct doctor_change){NULL, NULL, xstrdup(text)};
}

static void check_tcp(struct doctor *d, const struct doctor_server *s)
{
	struct resolve_reply reply = {0};
	const char *name = d->zones.n > 0 ? d->zones.at[0] : ".";

	if (doctor_server_ask(s, name, LDNS_RR_TYPE_SOA, 0, RESOLVE_TCP, &reply) !=
		CMAP_OK)
		doctor_report_add(&d->report, DOCTOR_NO_TCP,
			(struct doctor_change){NULL, NULL,
				xasprintf("open TCP port %u of %s, as its UDP port is",
					sock_addr_port(&s->addr), s->text)},
			"%s answers over UDP, not over TCP: %s", s->text,
			strerror(errno));
	else
		ldns_pkt_free(reply.pkt);
}

/* What came without EDNS. */
static void check_plain(struct doctor *d, const struct doctor_server *s,
	const char *name, const struct resolve_reply *reply)
{
	if (ldns_pkt_tc(reply->pkt) && ldns_pkt_ancount(reply->pkt) == 0)
		doctor_report_add(&d->report, DOCTOR_TRUNCATED_EMPTY,
			doctor_change_server(d, s),
			"%s answers for %s truncated and without any record", s->text,
			name);
	if (reply->size > PLAIN_SIZE)
		doctor_report_add(&d->report, DOCTOR_REPLY_TOO_LARGE,
			doctor_change_server(d, s),
			"%s answers for %s in %zu bytes where %d are allowed", s->text,
			name, reply->size, PLAIN_SIZE);
}

/* The largest answers are those with SRV, if the name has any. */
static void check_edns(struct doctor *d, const struct doctor_server *s,
	const char *name)
{
	struct resolve_reply reply = {0};
	int err = doctor_server_ask(s, name, LDNS_RR_TYPE_SRV, RESOLVE_EDNS_SIZE,
		RESOLVE_UDP, &reply);

	if (err == CMAP_OK && reply.size > RESOLVE_EDNS_SIZE)
		doctor_report_add(&d->report, DOCTOR_REPLY_TOO_LARGE,
			doctor_change_server(d, s),
			"%s answers for %s in %zu bytes where %d are allowed", s->text,
			name, reply.size, RESOLVE_EDNS_SIZE);
	if (err == CMAP_OK)
		ldns_pkt_free(reply.pkt);
	else if (err == CMAP_E_SYSTEM && errno == ETIMEDOUT)
		doctor_report_add(&d->report, DOCTOR_EDNS_LOST,
			advice("in cmapd.conf: udp_size = 512; or let UDP replies of "
			       "1232 bytes through"),
			"%s does not answer for %s with EDNS and %d bytes allowed",
			s->text, name, RESOLVE_EDNS_SIZE);
}

/* The two questions of every getaddrinfo(). */
static void check_families(struct doctor *d, const struct doctor_server *s,
	const char *name)
{
	static const ldns_rr_type types[] = {LDNS_RR_TYPE_A, LDNS_RR_TYPE_AAAA};
	static const char *const texts[] = {"A", "AAAA"};
	unsigned int rcode[2] = {LDNS_RCODE_SERVFAIL, LDNS_RCODE_SERVFAIL};

	for (size_t i = 0; i < 2; i++) {
		struct resolve_reply reply = {0};

		if (doctor_server_ask(s, name, types[i], 0, RESOLVE_UDP, &reply) !=
			CMAP_OK)
			continue;
		rcode[i] = resolve_rcode(reply.pkt);
		if (i == 0)
			check_plain(d, s, name, &reply);
		ldns_pkt_free(reply.pkt);
	}
	for (size_t i = 0; i < 2; i++) {
		if (rcode[i] == LDNS_RCODE_NXDOMAIN &&
			rcode[1 - i] == LDNS_RCODE_NOERROR)
			doctor_report_add(&d->report, DOCTOR_AAAA_NXDOMAIN,
				doctor_change_server(d, s),
				"%s answers NXDOMAIN for %s of %s, which it has %s for",
				s->text, texts[i], name, texts[1 - i]);
	}
}

void doctor_check_replies(struct doctor *d)
{
	for (size_t i = 0; i < d->n_servers; i++) {
		const struct doctor_server *s = &d->servers[i];

		if (!is_asked(s))
			continue;
		check_tcp(d, s);
		for (size_t k = 0; k < d->names.n; k++) {
			const char *name = d->names.at[k];

			if (!doctor_words_cover(&s->knows, name))
				continue;
			check_families(d, s, name);
			check_edns(d, s, name);
		}
	}
}
