/* SPDX-License-Identifier: MIT */
/*
 * Any octets as the options of a query's OPT record. What query_parse() makes of them is what a reader of this file
 * makes of them; the OPT of the reply has what was asked for, once, for that reader, for ldns and for query_parse()
 * itself; and its cookie is good for whom it was made, for as long as it should be.
 */
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "server/opt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum mode {
	MODE_UDP = 1,
	MODE_SETTINGS = 2,
	MODE_COOKIES = 4, /* are given; else we have no secret */
	MODE_GOOD = 8,    /* the first cookie of 24 octets is made a good one */
	MODE_IPV6 = 16,
	MODE_EDE = 32,
	MODE_NSID = 64, /* we have one */
	MODE_DO = 128
};

enum {
	HEAD = 6, /* of the input: mode, size, version and RCODE, age, room and bit */
	NOW_S = 1700000000,
	OPT_AT = DNS_HEADER_LEN + 5, /* behind a question for the root */
	OPTIONS_AT = OPT_AT + DNS_OPT_LEN,
	MESSAGE_MAX = 4096
};

/* What a walk over options finds. */
struct found {
	bool is_whole;
	const uint8_t *cookie; /* the first */
	size_t cookie_len;
	unsigned int n_cookie, n_nsid, n_keepalive, n_ede, n_other;
	size_t nsid_len;
};

/* An input and what is made of it. */
struct edns {
	uint8_t mode;
	uint16_t udp_size;
	uint8_t version, rcode, age, rest;
	struct settings settings;
	struct client client;
	struct found asked;
	uint8_t *message;
	size_t len;
	struct query query;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static unsigned int get16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

static void walk(const uint8_t *p, size_t len, struct found *f)
{
	size_t at = 0;

	*f = (struct found){.is_whole = true};
	while (f->is_whole && at < len) {
		size_t left = len - at, n = left < 4 ? left : get16(p + at + 2);

		if (left < 4 || n > left - 4) {
			f->is_whole = false;
			break;
		}
		switch (get16(p + at)) {
		case 3:
			f->n_nsid++;
			f->nsid_len = n;
			break;
		case 10:
			if (f->n_cookie++ == 0) {
				f->cookie = p + at + 4;
				f->cookie_len = n;
			}
			f->is_whole = n == 8 || (n >= 16 && n <= 40);
			break;
		case 11:
			f->n_keepalive++;
			break;
		case 15:
			f->n_ede++;
			break;
		default:
			f->n_other++;
		}
		at += 4 + n;
	}
}

/* ---- the query ----------------------------------------------------------------------------------- */

/* A query for the root's addresses with these octets as options. */
static void make_message(struct edns *e, const uint8_t *options, size_t len)
{
	uint8_t *p;

	e->len = OPTIONS_AT + len;
	e->message = p = xcalloc(1, e->len);
	p[5] = p[11] = 1; /* QDCOUNT, ARCOUNT */
	p[14] = p[16] = 1;
	p += OPT_AT;
	p[2] = 41;
	dns_put16(p + 3, e->udp_size);
	p[6] = e->version;
	p[7] = e->mode & MODE_DO;
	dns_put16(p + 9, (uint16_t)len);
	memcpy(p + DNS_OPT_LEN, options, len);
}

/* Puts a cookie of ours, so many minutes old, in the place of the first. */
static void make_good(struct edns *e)
{
	struct found f;

	walk(e->message + OPTIONS_AT, e->len - OPTIONS_AT, &f);
	if (f.cookie != NULL && f.cookie_len == COOKIE_LEN)
		cookie_answer(&e->settings.cookies, &e->client, f.cookie, false,
			NOW_S - e->age * 60u, e->message + (f.cookie - e->message));
}

/* Returns whether it is to be answered. */
static bool check_query(struct edns *e)
{
	enum query_verdict verdict = query_parse(e->message, e->len, &e->query);
	const struct found *f = &e->asked;

	walk(e->message + OPTIONS_AT, e->len - OPTIONS_AT, &e->asked);
	must(verdict == (f->is_whole ? QUERY_ANSWER : QUERY_FORMERR));
	must(e->query.has_edns);
	must(e->query.udp_size == (e->udp_size < 512 ? 512 : e->udp_size));
	must(e->query.edns_version == e->version);
	must(e->query.dnssec_ok == ((e->mode & MODE_DO) != 0));
	if (!f->is_whole)
		return false;
	must(e->query.cookie == f->cookie);
	must(f->cookie == NULL || e->query.cookie_len == f->cookie_len);
	must(e->query.wants_nsid == (f->n_nsid > 0));
	must(e->query.wants_keepalive == (f->n_keepalive > 0));
	return true;
}

/* ---- the reply ----------------------------------------------------------------------------------- */

/* As ldns reads it, in a message of its own. */
static void check_with_ldns(const struct edns *e, const uint8_t *opt, size_t len)
{
	uint8_t *m = xcalloc(1, DNS_HEADER_LEN + len);
	ldns_pkt *pkt = NULL;

	m[2] = 0x80;
	m[11] = 1;
	memcpy(m + DNS_HEADER_LEN, opt, len);
	must(ldns_wire2pkt(&pkt, m, DNS_HEADER_LEN + len) == LDNS_STATUS_OK);
	must(ldns_pkt_edns(pkt) && ldns_pkt_edns_version(pkt) == 0);
	must(ldns_pkt_edns_udp_size(pkt) == 1232);
	must(ldns_pkt_edns_extended_rcode(pkt) == e->rcode);
	must(ldns_pkt_edns_do(pkt) == ((e->mode & MODE_DO) != 0));
	ldns_pkt_free(pkt);
	free(m);
}

/* As we read it, had a client sent it. */
static void check_with_ourselves(const uint8_t *opt, size_t len, const struct found *f)
{
	uint8_t *m = xcalloc(1, OPT_AT + len);
	struct query q;

	m[5] = m[11] = 1;
	m[14] = m[16] = 1;
	memcpy(m + OPT_AT, opt, len);
	must(query_parse(m, OPT_AT + len, &q) == QUERY_ANSWER);
	must((q.cookie != NULL) == (f->n_cookie == 1));
	must(q.cookie == NULL || (q.cookie_len == COOKIE_LEN &&
					 memcmp(q.cookie, f->cookie, COOKIE_LEN) == 0));
	must(q.wants_nsid == (f->n_nsid == 1));
	must(q.wants_keepalive == (f->n_keepalive == 1));
	free(m);
}

static bool is_good(const struct edns *e, const uint8_t *cookie,
	const struct client *client, uint32_t now_s)
{
	return cookie_is_good(&e->settings.cookies, client, cookie, COOKIE_LEN, now_s);
}

/* ours was made by NOW_S, at most COOKIE_RENEW_S before. */
static void check_cookie(struct edns *e, const uint8_t *ours)
{
	struct cookie_secrets *s = &e->settings.cookies;
	struct client other = e->client;
	uint8_t changed[COOKIE_LEN];
	int age_s = (int)(NOW_S - dns_get32(ours + 12));
	bool is_old = e->asked.cookie_len == COOKIE_LEN &&
		      memcmp(ours, e->asked.cookie, COOKIE_LEN) == 0;

	must(memcmp(ours, e->asked.cookie, COOKIE_CLIENT_LEN) == 0);
	must(is_old ? age_s >= 0 && age_s < COOKIE_RENEW_S : age_s == 0);
	must(is_good(e, ours, &e->client, NOW_S));
	must(is_good(e, ours, &e->client, NOW_S + 3600u - (uint32_t)age_s));
	must(!is_good(e, ours, &e->client, NOW_S + 3601u - (uint32_t)age_s));
	must(!is_good(e, ours, &e->client, NOW_S - 301u - (uint32_t)age_s));
	other.octets[e->rest % other.len] ^= 1;
	must(!is_good(e, ours, &other, NOW_S));
	memcpy(changed, ours, COOKIE_LEN);
	changed[e->rest % COOKIE_LEN] ^= (uint8_t)(1u << (e->rest >> 5));
	must(!is_good(e, changed, &e->client, NOW_S));
	/* The secret goes to the second place, and away. */
	memcpy(s->secret[1], s->secret[0], SIPHASH_KEY_LEN);
	s->secret[0][0] ^= 1;
	must(is_good(e, ours, &e->client, NOW_S));
	s->n = 1;
	must(!is_good(e, ours, &e->client, NOW_S));
}

static void check_options(struct edns *e, const uint8_t *opt, size_t len, bool has_ede)
{
	bool has_settings = e->mode & MODE_SETTINGS;
	struct found f;

	must(get16(opt + 9) == len - DNS_OPT_LEN);
	walk(opt + DNS_OPT_LEN, len - DNS_OPT_LEN, &f);
	must(f.is_whole && f.n_other == 0);
	must(f.n_cookie ==
		(has_settings && (e->mode & MODE_COOKIES) && e->asked.n_cookie > 0));
	must(f.n_nsid ==
		(has_settings && (e->mode & MODE_NSID) && e->asked.n_nsid > 0));
	must(f.n_nsid == 0 || f.nsid_len == strlen(e->settings.server_id));
	must(f.n_keepalive ==
		(has_settings && !(e->mode & MODE_UDP) && e->asked.n_keepalive > 0));
	must(f.n_ede == (has_ede ? 1 : 0));
	check_with_ldns(e, opt, len);
	check_with_ourselves(opt, len, &f);
	if (f.n_cookie == 1) {
		must(f.cookie_len == COOKIE_LEN);
		check_cookie(e, f.cookie);
	}
}

static void answer(struct edns *e)
{
	bool has_settings = e->mode & MODE_SETTINGS;
	struct opt o = {.settings = has_settings ? &e->settings : NULL,
		.client = &e->client,
		.rcode = (uint16_t)(e->rcode << 4),
		.udp_size = 1232,
		.ede = e->mode & MODE_EDE ? 20 : 0,
		.is_udp = e->mode & MODE_UDP,
		.now_s = NOW_S};
	size_t due = opt_len(&o, &e->query), room = due + e->rest % 12;
	bool has_ede = o.ede != 0 && room >= due + 6;
	uint8_t *out = xmalloc(room);

	if (has_settings && (e->mode & MODE_COOKIES) && e->query.cookie != NULL)
		o.cookie_is_good = cookie_is_good(&e->settings.cookies, &e->client,
			e->query.cookie, e->query.cookie_len, NOW_S);
	must(due <= OPT_MAX &&
		opt_write(&o, &e->query, out, room) == due + (has_ede ? 6 : 0));
	check_options(e, out, due + (has_ede ? 6 : 0), has_ede);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct edns e;

	if (size < HEAD || size > MESSAGE_MAX)
		return 0;
	e.mode = data[0];
	e.udp_size = (uint16_t)get16(data + 1);
	e.version = data[3] & 1;
	e.rcode = data[3] >> 1;
	e.age = data[4];
	e.rest = data[5];
	e.client = (struct client){.len = e.mode & MODE_IPV6 ? 16 : 4};
	memset(e.client.octets, e.age, sizeof(e.client.octets));
	e.settings.cookies.n = e.mode & MODE_COOKIES ? 2 : 0;
	memset(e.settings.cookies.secret[0], 's', SIPHASH_KEY_LEN);
	memset(e.settings.cookies.secret[1], 't', SIPHASH_KEY_LEN);
	memset(e.settings.server_id, 0, sizeof(e.settings.server_id));
	memset(e.settings.server_id, 'n', e.mode & MODE_NSID ? 1u + e.rest % 255 : 0);
	make_message(&e, data + HEAD, size - HEAD);
	if (e.mode & MODE_GOOD)
		make_good(&e);
	if (check_query(&e))
		answer(&e);
	free(e.message);
	return 0;
}
