/* SPDX-License-Identifier: MIT */
#include "town.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "octets.h"
#include "oracle.h"

static void add_plain(struct world *w)
{
	world_service(w, "one." TOWN, "A=60");
	world_instance(w, "one." TOWN, "i", "4=10.0.0.1", 0);
	world_service(w, "web." TOWN, "A=60");
	world_instance(w, "web." TOWN, "a", "4=10.0.1.1", 0);
	world_instance(w, "web." TOWN, "b", "4=10.0.1.2", 0);
	world_instance(w, "web." TOWN, "c", "4=10.0.1.3", 0);
	world_service(w, "six." TOWN, "AAAA=60");
	world_instance(w, "six." TOWN, "i", "6=fd00::1", 0);
	world_service(w, "api." TOWN, "SRV=30");
	world_instance(w, "api." TOWN, "i-1", "4=10.0.2.1 port=8001", 0);
	world_instance(w, "api." TOWN, "i-2", "4=10.0.2.2 6=fd00::2:2 port=8002", 0);
	world_service(w, "empty." TOWN, "A=60");
	world_service(w, "leased." TOWN, "A=60");
	world_instance(w, "leased." TOWN, "a", "4=10.0.3.1", 10000);
	world_instance(w, "leased." TOWN, "b", "4=10.0.3.2", 30000);
	world_service(w, "_http._tcp.ent." TOWN, "A=60");
	world_instance(w, "_http._tcp.ent." TOWN, "i", "4=10.0.4.1", 0);
}

static void add_alias(struct world *w, const char *name, const char *target)
{
	char full[128], attribute[128];

	snprintf(full, sizeof(full), "%s." TOWN, name);
	snprintf(attribute, sizeof(attribute), "cname=%s", target);
	world_service(w, full, "CNAME=10 WEIGHTED");
	world_instance(w, full, "i", attribute, 0);
}

static void add_aliases(struct world *w)
{
	add_alias(w, "alias", "one." TOWN);
	add_alias(w, "alias2", "Alias." TOWN);
	add_alias(w, "foreign", "www.example.com");
	add_alias(w, "broken", "nope." TOWN);
	add_alias(w, "hollow", "empty." TOWN);
	add_alias(w, "loop-a", "loop-b." TOWN);
	add_alias(w, "loop-b", "loop-a." TOWN);
	add_alias(w, "self", "SELF." TOWN);
	for (int i = 0; i < TOWN_CHAIN; i++) {
		char name[16], target[64];

		snprintf(name, sizeof(name), "c-%d", i);
		snprintf(target, sizeof(target), "c-%d." TOWN, i + 1);
		add_alias(w, name, i + 1 < TOWN_CHAIN ? target : "one." TOWN);
	}
}

void town_init(struct town *t, uint16_t answers)
{
	struct world *w = &t->world;

	memset(t, 0, sizeof(*t));
	world_init(w);
	w->options.answers = answers;
	zone_set_options(w->zone, &w->options);
	world_namespace(w, TOWN, -1);
	add_plain(w);
	add_aliases(w);
	world_service(w, "many." TOWN, "A=60 AAAA=60 SRV=60");
	for (int k = 0; k < 100; k++) {
		char id[16], attributes[64];

		snprintf(id, sizeof(id), "i-%d", k);
		snprintf(attributes, sizeof(attributes),
			"4=10.1.0.%d 6=fd01::%x port=%d", k, k + 1, 1000 + k);
		world_instance(w, "many." TOWN, id, attributes, 0);
	}
	world_namespace(w, "inner." TOWN, 7);
	world_service(w, "web.inner." TOWN, "A=60");
	world_instance(w, "web.inner." TOWN, "i", "4=10.9.9.9", 0);
	world_publish(w);
	t->responder = (struct responder){.published = w->published,
		.counters = &t->counters,
		.udp_size = RESPOND_UDP_SIZE};
	responder_prepare(&t->responder, w->now_ms);
}

void town_free(struct town *t)
{
	responder_free(&t->responder);
	world_free(&t->world);
}

void town_respond(struct town *t, const uint8_t *query, size_t len, bool is_udp)
{
	/* Of the size that respond.h asks for, and the query too, so that sanitizers see their ends. */
	size_t room = is_udp ? t->responder.udp_size : DNS_MESSAGE_MAX;
	uint8_t *reply = xmalloc(room), *asked = xmemdup(query, len);
	struct oracle_case c = {.query = query,
		.query_len = len,
		.is_udp = is_udp,
		.udp_size = t->responder.udp_size,
		.reply = t->reply};
	const char *fault;

	t->reply_len = c.reply_len = respond(&t->responder, asked, len, is_udp, reply);
	memcpy(t->reply, reply, t->reply_len);
	free(asked);
	free(reply);
	fault = oracle_fault(&c);
	if (fault == NULL)
		return;
	fprintf(stderr, "%s: to%s\n", fault, octets_text(query, len));
	fprintf(stderr, "came%s\n", octets_text(t->reply, t->reply_len));
	abort();
}
