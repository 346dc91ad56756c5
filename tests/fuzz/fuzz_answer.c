/* SPDX-License-Identifier: MIT */
/*
 * Any query to a registry of some hundred names, and to a zone file's. The first octet says how it is asked (enum
 * mode); the rest is the query, or makes one (asking.h). The reply must please the oracle of the unit tests, which
 * is ldns.
 */
#include <stdio.h>
#include <stdlib.h>

#include "asking.h"
#include "base/mem.h"
#include "city.h"
#include "octets.h"
#include "oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum mode {
	MODE_TCP = 1,
	MODE_SETTINGS = 2, /* cookies, NSID, a version; else no settings at all */
	MODE_LIMITED = 4,  /* at one reply a second, and asked twice */
	MODE_IPV6 = 8,     /* the client; else IPv4 */
	MODE_SIZE = 0x30,  /* of UDP replies */
	MODE_MADE = 0x40,  /* the rest makes a query; else it is one */
	MODE_LATER = 0x80  /* the second time is half a second later */
};

static struct {
	struct town town;
	struct settings settings;
	_Atomic(struct settings *) published;
	struct limit *limit;
	struct clock_fake clock;
	struct asking asking;
	uint8_t *reply[5]; /* over TCP, and over UDP of each size */
	uint32_t runs;
	bool is_made;
} w;

static void make_world(void)
{
	clock_fake_init(&w.clock, 0, INT64_C(1700000000000));
	city_init(&w.town);
	w.asking.names = city_names(&w.asking.n_names);
	w.asking.secrets = &w.settings.cookies;
	w.asking.client = &w.town.responder.client;
	w.asking.now_s = (uint32_t)(clock_wall_ms(&w.clock.clock) / 1000);
	w.limit = xcalloc(1, sizeof(*w.limit));
	limit_init(w.limit);
	w.settings.cookies.n = 2;
	memcpy(w.settings.cookies.secret[0], "0123456789abcdef", SIPHASH_KEY_LEN);
	w.settings.rate_slip = 2;
	w.settings.keepalive_ds = 100;
	memset(w.settings.server_id, 's', 200); /* more than a short query may bring */
	strcpy(w.settings.version, "fuzzed");
	atomic_init(&w.published, &w.settings);
	w.town.responder.limit = w.limit;
	w.town.responder.clock = &w.clock.clock;
	w.is_made = true;
}

/* A client that no bucket of the limit knows yet; without a limit always the same one. */
static struct client make_client(uint8_t mode)
{
	struct client c = {.len = mode & MODE_IPV6 ? 16 : 4, .octets = {10, 0, 0, 1}};

	if (mode & MODE_LIMITED) {
		w.runs++;
		memcpy(c.octets, &w.runs, 3);
	}
	return c;
}

static uint64_t good_cookies(void)
{
	return atomic_load(&w.town.counters.n[COUNTER_COOKIES_GOOD]);
}

/* What is wrong beside what the oracle sees. cookie_is_good: the query's is known to be. */
static const char *fault_of_limits(const struct oracle_case *c, bool cookie_is_good,
	bool found_good)
{
	if (cookie_is_good && !found_good && w.town.responder.now != NULL)
		return "a good cookie is not taken for one";
	if (c->is_limited && found_good && c->reply_len == 0)
		return "silence in spite of a good cookie";
	if (c->is_limited && !found_good && c->reply_len > 3 * c->query_len)
		return "more than three times the query";
	return NULL;
}

/* To the octet, and kept: a sanitizer takes long to give 64 KiB away. */
static uint8_t *reply_room(uint8_t mode, size_t room)
{
	uint8_t **reply = &w.reply[mode & MODE_TCP ? 0 : 1 + ((mode & MODE_SIZE) >> 4)];

	if (*reply == NULL)
		*reply = xmalloc(room);
	return *reply;
}

static void ask(uint8_t mode, const uint8_t *query, size_t len, bool cookie_is_good)
{
	struct responder *r = &w.town.responder;
	size_t room = mode & MODE_TCP ? DNS_MESSAGE_MAX : r->udp_size;
	uint8_t *reply = reply_room(mode, room);
	uint64_t good_before = good_cookies();
	struct oracle_case c = {.query = query,
		.query_len = len,
		.is_udp = !(mode & MODE_TCP),
		.udp_size = r->udp_size,
		.is_limited = (mode & MODE_LIMITED) && !(mode & MODE_TCP),
		.reply = reply};
	const char *fault;

	c.reply_len = respond(r, query, len, c.is_udp, reply);
	fault = c.reply_len > room ? "more than there is room for" : oracle_fault(&c);
	if (fault == NULL)
		fault = fault_of_limits(&c, cookie_is_good,
			good_cookies() != good_before);
	if (fault != NULL) {
		fprintf(stderr, "%s: to%s\n", fault, octets_text(query, len));
		fprintf(stderr, "came%s\n", octets_text(reply, c.reply_len));
		abort();
	}
}

static void ask_by_mode(uint8_t mode, const uint8_t *query, size_t len,
	bool cookie_is_good)
{
	struct responder *r = &w.town.responder;

	ask(mode, query, len, cookie_is_good);
	if (!(mode & MODE_LIMITED))
		return;
	if (mode & MODE_LATER)
		responder_prepare(r, r->now_ms + 500);
	ask(mode, query, len, cookie_is_good);
}

/* Asks the query that the octets make, in a buffer of its length. */
static void ask_made(uint8_t mode, const uint8_t *data, size_t size)
{
	struct asking *a = &w.asking;
	uint8_t *query;

	a->data = data;
	a->left = size;
	asking_make(a);
	query = xmemdup(a->query, a->len);
	ask_by_mode(mode, query, a->len, a->cookie_is_good);
	free(query);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t sizes[] = {512, 1232, 1400, RESPOND_UDP_SIZE_MAX};
	static const uint16_t views[] = {1, 2, 4, VIEW_OUTSIDE};
	struct responder *r = &w.town.responder;
	uint8_t mode;

	if (size == 0)
		return 0;
	if (!w.is_made)
		make_world();
	mode = data[0];
	r->udp_size = sizes[(mode & MODE_SIZE) >> 4];
	r->settings = mode & (MODE_SETTINGS | MODE_LIMITED) ? &w.published : NULL;
	w.settings.rate_limit = mode & MODE_LIMITED ? 1 : 0;
	r->client = make_client(mode);
	r->view = views[size > 2 ? data[2] >> 4 & 3 : 0];
	/* A time of its own, from which leases may have ended: 0 to 15 s. */
	responder_prepare(r,
		w.town.world.now_ms + (size > 2 ? data[2] % 16 * 1000 : 0));
	if (mode & MODE_MADE) {
		ask_made(mode, data + 1, size - 1);
		return 0;
	}
	ask_by_mode(mode, data + 1, size - 1, false);
	return 0;
}
