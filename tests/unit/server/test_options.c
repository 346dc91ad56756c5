/* SPDX-License-Identifier: MIT */
/* What respond() does with EDNS options, class CH, and rate limits; ldns reads every reply. */
#include <ldns/ldns.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"
#include "server/respond.h"
#include "test.h"
#include "zone/zone.h"

struct world {
	struct model model;
	struct zone *zone;
	struct clock_fake clock;
	struct counters counters;
	struct limit *limit;
	struct settings settings;
	_Atomic(struct settings *) published;
	struct responder responder;
};

/* "local" with service "s" of twenty IPv4 addresses. */
static void open_world(struct world *w)
{
	struct zone_options options = {.negative_ttl = 5, .answers = 8};
	struct namespace *ns = xcalloc(1, sizeof(*ns));
	struct service *s = xcalloc(1, sizeof(*s));

	memset(w, 0, sizeof(*w));
	cr_assert_eq(dname_from_plain("localhost", &options.nameserver), CMAP_OK);
	model_init(&w->model, 16);
	w->zone = zone_new(&options);
	strcpy(ns->id, "ns-1");
	ns->type = NAMESPACE_DNS_PRIVATE;
	ns->name = xstrdup("local");
	ns->creator_request_id = xstrdup("");
	ns->soa_ttl = -1;
	model_put_namespace(&w->model, ns);
	zone_namespace_put(w->zone, ns);
	strcpy(s->id, "srv-1");
	strcpy(s->namespace_id, ns->id);
	s->name = xstrdup("s");
	s->creator_request_id = xstrdup("");
	s->records[s->n_records++] = (struct dns_record){RECORD_A, 60};
	cr_assert_eq(model_put_service(&w->model, s), CMAP_OK);
	zone_service_put(w->zone, s);
	for (int i = 0; i < 20; i++) {
		const struct attributes none = {.block = NULL};
		struct instance *in;
		char id[16];

		snprintf(id, sizeof(id), "i-%d", i);
		in = instance_new(id, "", &none);
		in->has_ipv4 = true;
		in->ipv4.s_addr = htonl(0x0A000001u + (uint32_t)i);
		in->lease_end_ms = MODEL_LEASE_NONE;
		model_put_instance(&w->model, s, in);
		zone_instance_put(w->zone, in);
	}
	zone_publish(w->zone, 1);
	clock_fake_init(&w->clock, 0, INT64_C(1700000000000));
	w->limit = xcalloc(1, sizeof(*w->limit));
	limit_init(w->limit);
	w->settings.cookies.n = 1;
	w->settings.keepalive_ds = 100;
	strcpy(w->settings.server_id, "ns1");
	strcpy(w->settings.version, "cmap");
	atomic_init(&w->published, &w->settings);
	w->responder = (struct responder){.published = zone_published(w->zone),
		.settings = &w->published,
		.limit = w->limit,
		.clock = &w->clock.clock,
		.counters = &w->counters,
		.udp_size = RESPOND_UDP_SIZE,
		.client = {.len = 4, .octets = {192, 0, 2, 1}}};
}

static void close_world(struct world *w)
{
	responder_free(&w->responder);
	zone_free(w->zone);
	model_free(&w->model);
	free(w->limit);
}

struct question {
	const char *name;
	uint16_t type, class;
	const char *options; /* octets of the OPT's rdata; NULL: no OPT */
	size_t options_len;
};

static size_t write_query(const struct question *q, uint8_t *out)
{
	static const uint8_t header[DNS_HEADER_LEN] = {1, 2, 1, 0};
	size_t len = DNS_HEADER_LEN;
	struct dname name;

	memcpy(out, header, sizeof(header));
	if (q->name != NULL) {
		cr_assert_eq(dname_from_plain(q->name, &name), CMAP_OK);
		memcpy(out + len, name.wire, name.len);
		len += name.len;
		dns_put16(out + len, q->type);
		dns_put16(out + len + 2, q->class);
		len += 4;
		dns_put16(out + 4, 1);
	}
	if (q->options != NULL) {
		memset(out + len, 0, DNS_OPT_LEN);
		dns_put16(out + len + 1, DNS_OPT);
		dns_put16(out + len + 3, 1232);
		dns_put16(out + len + 9, (uint16_t)q->options_len);
		memcpy(out + len + DNS_OPT_LEN, q->options, q->options_len);
		len += DNS_OPT_LEN + q->options_len;
		dns_put16(out + 10, 1);
	}
	return len;
}

/* The reply as ldns reads it, NULL if there is none; *wire_len its octets. */
static ldns_pkt *ask(struct world *w, const struct question *q, bool is_udp,
	size_t *wire_len)
{
	uint8_t query[4096];
	static uint8_t reply[DNS_MESSAGE_MAX];
	ldns_pkt *pkt = NULL;
	size_t len = write_query(q, query);

	responder_prepare(&w->responder, w->clock.now_mono_ms);
	*wire_len = respond(&w->responder, query, len, is_udp, reply);
	if (*wire_len > 0)
		cr_assert_eq(ldns_wire2pkt(&pkt, reply, *wire_len), LDNS_STATUS_OK);
	return pkt;
}

/* The data of the reply's option of that code, NULL if it has none; it must not have two. */
static const uint8_t *option(const ldns_pkt *p, uint16_t code, uint16_t *len)
{
	const ldns_rdf *data = ldns_pkt_edns_data(p);
	const uint8_t *at = data == NULL ? NULL : ldns_rdf_data(data), *found = NULL;
	size_t left = data == NULL ? 0 : ldns_rdf_size(data);

	while (left >= 4) {
		uint16_t n = dns_get16(at + 2);

		if (dns_get16(at) == code) {
			cr_assert_null(found, "option %u twice", code);
			found = at + 4;
			*len = n;
		}
		cr_assert(n <= left - 4);
		at += 4 + n;
		left -= 4u + n;
	}
	cr_assert_eq(left, 0);
	return found;
}

#define NSID      "\0\3\0\0"
#define COOKIE    "\0\12\0\10abcdefgh"
#define KEEPALIVE "\0\13\0\0"
#define OTHER     "\xfd\xe9\0\2hi"

#define OPTIONS(text) text, sizeof(text) - 1

Test(options, are_given_once_and_only_when_asked_for)
{
	static const struct {
		const char *options;
		size_t len;
		bool udp, nsid, cookie, keepalive;
	} cases[] = {
		{OPTIONS(""), true, false, false, false},
		{OPTIONS(NSID), true, true, false, false},
		{OPTIONS(COOKIE), true, false, true, false},
		{OPTIONS(NSID COOKIE NSID COOKIE NSID), true, true, true, false},
		{OPTIONS(OTHER), true, false, false, false},
		{OPTIONS(KEEPALIVE), true, false, false, false},
		{OPTIONS(KEEPALIVE KEEPALIVE OTHER COOKIE), false, false, true, true},
	};
	struct world w;

	open_world(&w);
	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct question q = {
			"s.local", DNS_A, DNS_IN, cases[i].options, cases[i].len};
		const uint8_t *nsid, *cookie, *keepalive;
		uint16_t nsid_len = 0, cookie_len = 0, keepalive_len = 0;
		size_t len;
		ldns_pkt *p = ask(&w, &q, cases[i].udp, &len);

		cr_assert_eq(ldns_pkt_ancount(p), 8);
		nsid = option(p, DNS_OPTION_NSID, &nsid_len);
		cookie = option(p, DNS_OPTION_COOKIE, &cookie_len);
		keepalive = option(p, DNS_OPTION_KEEPALIVE, &keepalive_len);
		cr_assert_eq(nsid != NULL, cases[i].nsid, "case %zu", i);
		cr_assert_eq(cookie != NULL, cases[i].cookie, "case %zu", i);
		cr_assert_eq(keepalive != NULL, cases[i].keepalive, "case %zu", i);
		if (nsid != NULL)
			cr_assert(nsid_len == 3 && memcmp(nsid, "ns1", 3) == 0);
		if (cookie != NULL)
			cr_assert(cookie_len == 24 &&
				  memcmp(cookie, "abcdefgh", 8) == 0);
		if (keepalive != NULL)
			cr_assert(keepalive_len == 2 && dns_get16(keepalive) == 100);
		ldns_pkt_free(p);
	}
	close_world(&w);
}

Test(options, a_cookie_of_a_wrong_length_is_a_format_error)
{
	struct world w;
	char text[64] = "\0\12\0";

	open_world(&w);
	for (uint8_t n = 0; n <= 48; n++) {
		bool good = n == 8 || (n >= 16 && n <= 40);
		struct question q = {"s.local", DNS_A, DNS_IN, text, 4u + n};
		size_t len;
		ldns_pkt *p;

		text[3] = (char)n;
		p = ask(&w, &q, true, &len);
		cr_assert_eq(ldns_pkt_get_rcode(p),
			good ? LDNS_RCODE_NOERROR : LDNS_RCODE_FORMERR, "length %u", n);
		ldns_pkt_free(p);
	}
	close_world(&w);
}

Test(options, a_cookie_can_be_asked_for_without_a_question)
{
	struct question q = {NULL, 0, 0, OPTIONS(COOKIE)};
	struct question none = {NULL, 0, 0, OPTIONS(NSID)};
	struct world w;
	uint16_t cookie_len;
	size_t len;
	ldns_pkt *p;

	open_world(&w);
	p = ask(&w, &q, true, &len);
	cr_assert_eq(ldns_pkt_get_rcode(p), LDNS_RCODE_NOERROR);
	cr_assert_eq(ldns_pkt_qdcount(p), 0);
	cr_assert_not_null(option(p, DNS_OPTION_COOKIE, &cookie_len));
	ldns_pkt_free(p);
	p = ask(&w, &none, true, &len);
	cr_assert_eq(ldns_pkt_get_rcode(p), LDNS_RCODE_FORMERR);
	ldns_pkt_free(p);
	w.settings.cookies.n = 0;
	p = ask(&w, &q, true, &len);
	cr_assert_eq(ldns_pkt_get_rcode(p), LDNS_RCODE_FORMERR);
	cr_assert_null(option(p, DNS_OPTION_COOKIE, &cookie_len));
	ldns_pkt_free(p);
	close_world(&w);
}

Test(options, what_is_not_ours_says_so)
{
	static const struct {
		const char *name;
		uint16_t type, ede;
	} cases[] = {{"example.org", DNS_A, DNS_EDE_NOT_AUTHORITATIVE},
		{"s.local", DNS_A, 0}, {"s.local", DNS_ANY, 0},
		{"nope.local", DNS_A, 0}, {"s.local", DNS_TSIG, DNS_EDE_NOT_SUPPORTED},
		{"local", DNS_IXFR, DNS_EDE_NOT_SUPPORTED},
		{"local", DNS_AXFR, DNS_EDE_NOT_SUPPORTED},
		{"s.local", DNS_MAILB, DNS_EDE_NOT_SUPPORTED}, {"s.local", DNS_OPT, 0}};
	struct world w;

	open_world(&w);
	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct question q = {cases[i].name, cases[i].type, DNS_IN, OPTIONS("")};

		for (int udp = 0; udp < 2; udp++) {
			uint16_t ede_len = 0;
			size_t len;
			ldns_pkt *p = ask(&w, &q, udp == 1, &len);
			const uint8_t *ede = option(p, DNS_OPTION_EDE, &ede_len);

			cr_assert_eq(ede == NULL ? 0 : dns_get16(ede), cases[i].ede,
				"%s %u", cases[i].name, cases[i].type);
			cr_assert(ede == NULL || ede_len == 2, "no text");
			ldns_pkt_free(p);
		}
	}
	close_world(&w);
}

/* A reply that is full goes without the reason; it is not cut for it. */
Test(options, the_reason_is_what_is_left_out_first)
{
	struct world w;
	char options[] = NSID COOKIE, name[256];
	/* 12 and 4 of the question, 11 of the OPT, 28 of the cookie, 4 of NSID. */
	enum { FIXED = 12 + 4 + 11 + 28 + 4, NAME_LEN = 255 };
	struct question q = {name, DNS_A, DNS_IN, options, sizeof(options) - 1};
	bool told[SETTINGS_TEXT_MAX + 1];

	open_world(&w);
	w.responder.udp_size = 512;
	for (size_t i = 0; i < NAME_LEN - 2; i++)
		name[i] = i % 2 ? '.' : 'a';
	name[NAME_LEN - 2] = '\0';
	for (size_t n = 1; n <= SETTINGS_TEXT_MAX; n++) {
		const uint8_t *ede, *nsid;
		uint16_t ede_len, nsid_len;
		size_t len;
		ldns_pkt *p;

		memset(w.settings.server_id, 'n', n);
		w.settings.server_id[n] = '\0';
		p = ask(&w, &q, true, &len);
		cr_assert_leq(len, 512);
		cr_assert_eq(ldns_pkt_get_rcode(p), LDNS_RCODE_REFUSED);
		cr_assert_not(ldns_pkt_tc(p));
		nsid = option(p, DNS_OPTION_NSID, &nsid_len);
		ede = option(p, DNS_OPTION_EDE, &ede_len);
		told[n] = ede != NULL;
		/* What was asked for goes only where the question itself leaves no room. */
		cr_assert_eq(nsid != NULL, FIXED + NAME_LEN + n <= 512, "%zu", n);
		if (nsid != NULL)
			cr_assert_eq(told[n], FIXED + NAME_LEN + n + 6 <= 512, "%zu",
				n);
		ldns_pkt_free(p);
	}
	cr_assert(told[1] && !told[512 - FIXED - NAME_LEN]);
	close_world(&w);
}

/* DNS Flag Day 2020's client subnet is one of those that are not known: RFC 7871 s7.1.2 lets it be ignored. */
Test(options, a_client_subnet_changes_nothing)
{
	struct world w;
	struct question with = {
		"s.local", DNS_A, DNS_IN, OPTIONS("\0\10\0\7\0\1\30\0\12\0\0")};
	struct question without = {"s.local", DNS_A, DNS_IN, OPTIONS("")};
	size_t len, len_without;

	open_world(&w);
	ldns_pkt_free(ask(&w, &with, true, &len));
	ldns_pkt_free(ask(&w, &without, true, &len_without));
	cr_assert_eq(len, len_without);
	close_world(&w);
}

/* As many as a query can hold, of every kind: one of each that is ours comes back, and soon. */
Test(options, hundreds_of_options_cost_no_more_than_reading_them)
{
	enum { MOST = 1000, LEN = 4, ROUNDS = 1000 };
	static char options[MOST * LEN];
	struct world w;
	struct question q = {"s.local", DNS_A, DNS_IN, options, sizeof(options)};
	uint16_t code_len;
	size_t len;
	ldns_pkt *p;
	int64_t began_ms;

	for (int i = 0; i < MOST; i++) {
		options[i * LEN + 1] =
			(char)(i % 3 ? DNS_OPTION_NSID : DNS_OPTION_KEEPALIVE);
		options[i * LEN] = i % 7 ? 0 : 0x7F;
	}
	open_world(&w);
	p = ask(&w, &q, true, &len);
	cr_assert_eq(ldns_pkt_ancount(p), 8);
	cr_assert_not_null(option(p, DNS_OPTION_NSID, &code_len));
	ldns_pkt_free(p);
	began_ms = clock_mono_ms(&clock_system);
	for (int i = 0; i < ROUNDS; i++)
		ldns_pkt_free(ask(&w, &q, false, &len));
	/* 100 us each, on a machine that has other things to do and under sanitizers. */
	cr_assert_lt(clock_mono_ms(&clock_system) - began_ms, ROUNDS);
	close_world(&w);
}

/* A server's cookie that is not good is answered with one that is, and nothing else is said. */
Test(options, a_cookie_of_another_server_is_replaced)
{
	struct world w;
	char options[4 + COOKIE_MAX] = "\0\12\0", good[4 + COOKIE_LEN];
	size_t len;

	open_world(&w);
	for (uint8_t n = 16; n <= COOKIE_MAX; n++) {
		struct question q = {"s.local", DNS_A, DNS_IN, options, 4u + n};
		struct question again = {"s.local", DNS_A, DNS_IN, good, sizeof(good)};
		const uint8_t *cookie;
		uint16_t cookie_len = 0;
		uint64_t before = w.counters.n[COUNTER_COOKIES_GOOD];
		ldns_pkt *p;

		options[3] = (char)n;
		memset(options + 4, n, n);
		p = ask(&w, &q, true, &len);
		cr_assert_eq(ldns_pkt_get_rcode(p), LDNS_RCODE_NOERROR);
		cr_assert_eq(ldns_pkt_ancount(p), 8);
		cookie = option(p, DNS_OPTION_COOKIE, &cookie_len);
		cr_assert_eq(cookie_len, COOKIE_LEN);
		cr_assert_eq(memcmp(cookie, options + 4, COOKIE_CLIENT_LEN), 0);
		memcpy(good, "\0\12\0\30", 4);
		memcpy(good + 4, cookie, COOKIE_LEN);
		ldns_pkt_free(p);
		cr_assert_eq(w.counters.n[COUNTER_COOKIES_GOOD], before, "%u", n);
		ldns_pkt_free(ask(&w, &again, true, &len));
		cr_assert_eq(w.counters.n[COUNTER_COOKIES_GOOD], before + 1, "%u", n);
	}
	close_world(&w);
}

/* Secrets change every half an hour; a client that asks every minute always has a good cookie. */
Test(options, changes_of_the_secret_cost_nobody_his_cookie)
{
	struct world w;
	char options[4 + COOKIE_LEN] = "\0\12\0\10abcdefgh";
	size_t len, options_len = 4 + COOKIE_CLIENT_LEN;

	open_world(&w);
	for (int minute = 0; minute < 300; minute++) {
		struct question q = {"s.local", DNS_A, DNS_IN, options, options_len};
		const uint8_t *cookie;
		uint16_t cookie_len;
		ldns_pkt *p = ask(&w, &q, true, &len);

		cr_assert_eq(w.counters.n[COUNTER_COOKIES_GOOD], (uint64_t)minute,
			"minute %d", minute);
		cookie = option(p, DNS_OPTION_COOKIE, &cookie_len);
		memcpy(options + 4, cookie, cookie_len);
		options[3] = COOKIE_LEN;
		options_len = sizeof(options);
		ldns_pkt_free(p);
		clock_fake_pass(&w.clock, 60000);
		if (minute % 30 != 29)
			continue;
		w.settings.cookies.n = 2;
		memcpy(w.settings.cookies.secret[1], w.settings.cookies.secret[0],
			SIPHASH_KEY_LEN);
		memset(w.settings.cookies.secret[0], minute, SIPHASH_KEY_LEN);
	}
	close_world(&w);
}

Test(chaos, tells_what_is_configured_and_nothing_else)
{
	static const struct {
		const char *name;
		uint16_t type;
		const char *text; /* NULL: refused */
	} cases[] = {{"id.server", DNS_TXT, "\"ns1\""},
		{"ID.Server", DNS_TXT, "\"ns1\""},
		{"hostname.bind", DNS_TXT, "\"ns1\""},
		{"version.bind", DNS_TXT, "\"cmap\""},
		{"version.server", DNS_ANY, "\"cmap\""}, {"version.bind", DNS_A, NULL},
		{"authors.bind", DNS_TXT, NULL}, {"s.local", DNS_TXT, NULL}};
	struct world w;

	open_world(&w);
	for (int configured = 1; configured >= 0; configured--) {
		for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
			struct question q = {
				cases[i].name, cases[i].type, DNS_CH, NULL, 0};
			bool told = configured && cases[i].text != NULL;
			size_t len;
			ldns_pkt *p = ask(&w, &q, true, &len);
			char *text;

			cr_assert_eq(ldns_pkt_get_rcode(p),
				told ? LDNS_RCODE_NOERROR : LDNS_RCODE_REFUSED, "%s",
				cases[i].name);
			if (told) {
				text = ldns_rdf2str(ldns_rr_rdf(
					ldns_rr_list_rr(ldns_pkt_answer(p), 0), 0));
				cr_assert_str_eq(text, cases[i].text);
				free(text);
			}
			ldns_pkt_free(p);
		}
		w.settings.server_id[0] = w.settings.version[0] = '\0';
	}
	close_world(&w);
}

/* A server cookie fresh from w, as the options of the next query. */
static void fetch_cookie(struct world *w, char out[28])
{
	struct question q = {NULL, 0, 0, OPTIONS(COOKIE)};
	const uint8_t *cookie;
	uint16_t cookie_len;
	size_t len;
	ldns_pkt *p = ask(w, &q, true, &len);

	cookie = option(p, DNS_OPTION_COOKIE, &cookie_len);
	memcpy(out, "\0\12\0\30", 4);
	memcpy(out + 4, cookie, 24);
	ldns_pkt_free(p);
}

Test(rate, a_forged_client_gets_no_more_than_the_rate_and_three_times_its_octets)
{
	struct question q = {"s.local", DNS_A, DNS_IN, NULL, 0};
	int whole = 0, slipped = 0, silent = 0;
	uint8_t query[512];
	size_t query_len = write_query(&q, query), len;
	struct world w;

	open_world(&w);
	w.settings.rate_limit = 10;
	w.settings.rate_slip = 2;
	for (int i = 0; i < 110; i++) {
		ldns_pkt *p = ask(&w, &q, true, &len);

		if (p == NULL) {
			silent++;
			continue;
		}
		cr_assert(len <= 3 * query_len, "%zu octets for %zu", len, query_len);
		if (ldns_pkt_ancount(p) > 0)
			whole++;
		else
			slipped += ldns_pkt_tc(p);
		ldns_pkt_free(p);
	}
	cr_assert_eq(whole, 10);
	cr_assert_eq(slipped, 50);
	cr_assert_eq(silent, 50);
	close_world(&w);
}

/* It says nothing but "come over TCP", whatever the reply was to be. */
Test(rate, what_is_cut_short_is_no_longer_than_the_query)
{
	static const char *const names[] = {"s.local", "nope.local", "example.org"};
	struct world w;

	open_world(&w);
	w.settings.rate_limit = 1;
	w.settings.rate_slip = 1;
	for (size_t i = 0; i < CMAP_COUNT(names); i++) {
		struct question q = {names[i], DNS_A, DNS_IN, OPTIONS("")};
		uint8_t query[512];
		size_t query_len = write_query(&q, query), len;
		ldns_pkt *p;

		ldns_pkt_free(ask(&w, &q, true, &len));
		p = ask(&w, &q, true, &len);
		cr_assert_eq(len, query_len, "%s: %zu octets for %zu", names[i], len,
			query_len);
		cr_assert(ldns_pkt_tc(p) && !ldns_pkt_aa(p));
		cr_assert_eq(ldns_pkt_get_rcode(p), LDNS_RCODE_NOERROR);
		ldns_pkt_free(p);
	}
	close_world(&w);
}

Test(rate, a_good_cookie_and_tcp_have_no_limit)
{
	char cookie[28];
	struct question with = {"s.local", DNS_A, DNS_IN, cookie, sizeof(cookie)};
	struct question without = {"s.local", DNS_A, DNS_IN, NULL, 0};
	struct world w;
	size_t len;

	open_world(&w);
	fetch_cookie(&w, cookie);
	w.settings.rate_limit = 1;
	for (int i = 0; i < 100; i++) {
		ldns_pkt *p = ask(&w, &with, true, &len);

		cr_assert_eq(ldns_pkt_ancount(p), 8);
		ldns_pkt_free(p);
		p = ask(&w, &without, false, &len);
		cr_assert_eq(ldns_pkt_ancount(p), 8);
		ldns_pkt_free(p);
	}
	cr_assert_eq(w.counters.n[COUNTER_COOKIES_GOOD], 100);
	/* From another address it is worth nothing. */
	w.responder.client.octets[3] = 2;
	for (int i = 0; i < 100; i++)
		ldns_pkt_free(ask(&w, &with, true, &len));
	cr_assert_eq(w.counters.n[COUNTER_COOKIES_GOOD], 100);
	cr_assert_eq(w.counters.n[COUNTER_RATE_LIMITED], 99);
	close_world(&w);
}

Test(rate, no_limit_is_the_default)
{
	struct question q = {"s.local", DNS_A, DNS_IN, NULL, 0};
	struct world w;
	size_t len;

	open_world(&w);
	for (int i = 0; i < 1000; i++) {
		ldns_pkt *p = ask(&w, &q, true, &len);

		cr_assert_eq(ldns_pkt_ancount(p), 8);
		ldns_pkt_free(p);
	}
	close_world(&w);
}
