/* SPDX-License-Identifier: MIT */
/*
 * Any query to a registry of some hundred names. The first octet says how it is asked (enum mode), the rest is the
 * query. The reply must please the oracle of the unit tests, which is ldns.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "octets.h"
#include "oracle.h"
#include "town.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum mode {
	MODE_TCP = 1,
	MODE_SETTINGS = 2, /* cookies, NSID, a version; else no settings at all */
	MODE_LIMITED = 4,  /* at one reply a second, and asked twice */
	MODE_IPV6 = 8,     /* the client; else IPv4 */
	MODE_SIZE = 0x30   /* of UDP replies */
};

enum { SERVICES = 300 };

static struct {
	struct town town;
	struct settings settings;
	_Atomic(struct settings *) published;
	struct limit *limit;
	struct clock_fake clock;
	uint32_t runs;
	bool is_made;
} w;

/* Services s-0 to s-299 of all kinds, with up to 12 instances each. */
static void add_services(struct world *world)
{
	static const char *const records[] = {"A=60", "AAAA=30", "A=60 AAAA=60",
		"SRV=60", "A=10 SRV=20", "A=1 AAAA=2 SRV=3", "A=60 WEIGHTED",
		"CNAME=60 WEIGHTED"};

	for (unsigned int s = 0; s < SERVICES; s++) {
		char name[64], id[16], attributes[128];

		snprintf(name, sizeof(name), "s-%u.%s" TOWN, s, s % 5 ? "" : "a.b.");
		world_service(world, name, records[s % CMAP_COUNT(records)]);
		for (unsigned int i = 0; i < s % 13; i++) {
			snprintf(id, sizeof(id), i % 4 ? "i-%u" : "i.%u", i);
			snprintf(attributes, sizeof(attributes),
				"4=10.%u.0.%u 6=fd00::%x:%x port=%u "
				"cname=s-%u." TOWN,
				s % 3, i, s, i % 4, i + 1, (s * 7 + i) % SERVICES);
			world_instance(world, name, id, attributes,
				(s + i) % 3 ? 0 : 1000 * (i + 1));
		}
	}
}

static void make_world(void)
{
	struct world *world = &w.town.world;

	town_init(&w.town, 8);
	world->options.fair = true;
	zone_set_options(world->zone, &world->options);
	add_services(world);
	world_publish(world);
	clock_fake_init(&w.clock, 0, INT64_C(1700000000000));
	w.limit = xcalloc(1, sizeof(*w.limit));
	limit_init(w.limit);
	w.settings.cookies.n = 2;
	memcpy(w.settings.cookies.secret[0], "0123456789abcdef", SIPHASH_KEY_LEN);
	w.settings.rate_slip = 2;
	w.settings.keepalive_ds = 100;
	strcpy(w.settings.server_id, "server-1");
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

static void ask(uint8_t mode, const uint8_t *query, size_t len)
{
	struct responder *r = &w.town.responder;
	size_t room = mode & MODE_TCP ? DNS_MESSAGE_MAX : r->udp_size;
	uint8_t *reply = xmalloc(room); /* to the octet */
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
	if (fault == NULL && c.is_limited && good_cookies() == good_before &&
		c.reply_len > 3 * len)
		fault = "more than three times the query";
	if (fault != NULL) {
		fprintf(stderr, "%s: to%s\n", fault, octets_text(query, len));
		fprintf(stderr, "came%s\n", octets_text(reply, c.reply_len));
		abort();
	}
	free(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t sizes[] = {512, 1232, 1400, RESPOND_UDP_SIZE_MAX};
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
	/* A time of its own, from which leases may have ended: 0 to 15 s. */
	responder_prepare(r,
		w.town.world.now_ms + (size > 2 ? data[2] % 16 * 1000 : 0));
	ask(mode, data + 1, size - 1);
	if (mode & MODE_LIMITED)
		ask(mode, data + 1, size - 1);
	return 0;
}
