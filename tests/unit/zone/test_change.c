/* SPDX-License-Identifier: MIT */
/* What is copied and changed must be what would have been compiled from the model. */
#include "zone/change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "base/mem.h"
#include "rng.h"
#include "test.h"
#include "wire/dns.h"

#define SERVICE "big.test"

/* One record, as readers see it or as the model asks for it. */
struct seen {
	uint16_t type, len;
	uint32_t n; /* instances that bring it */
	int64_t end_ms;
	struct target target;
	uint8_t rdata[COMPILE_RDATA_MAX];
};

static const struct aliases no_aliases;
static const struct address_source plain = {.aliases = &no_aliases};

struct list {
	struct seen *seen;
	uint32_t n;
};

static struct seen *list_add(struct list *l)
{
	l->seen = xreallocarray(l->seen, l->n + 1, sizeof(*l->seen));
	memset(&l->seen[l->n], 0, sizeof(*l->seen));
	return &l->seen[l->n++];
}

static int compare(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return memcmp(x->rdata, y->rdata, sizeof(x->rdata));
}

/*
 * SRV records of twins, instances with the same addresses and port, are told apart by their target's name alone, and
 * only one of them is given: the name is left out.
 */
static void leave_name_out(struct seen *seen)
{
	const size_t fixed = 6;

	dns_put16(seen->rdata + 2, 0); /* the weights of twins may differ */
	memset(seen->rdata + fixed, 0, sizeof(seen->rdata) - fixed);
	memcpy(seen->rdata + fixed, &seen->target, sizeof(seen->target));
	seen->len = (uint16_t)(fixed + sizeof(seen->target));
}

/* What the entry of the service holds. */
static void see_entry(const struct asker *a, struct list *l)
{
	const struct entry *e = ask_find(a, SERVICE);

	for (uint8_t k = 0; k < e->n_rrsets; k++) {
		const struct rrset *s = &entry_rrsets(e)[k];
		const struct record *r = entry_at(e, s->records);
		bool leased = false;

		for (uint32_t i = 0; i < s->n; i++) {
			struct seen *seen = list_add(l);
			const uint8_t *bytes = entry_at(e, r[i].offset);

			seen->type = s->type;
			seen->len = dns_get16(bytes + 10);
			cr_assert_eq(dns_get16(bytes), ENTRY_OWNER_POINTER);
			cr_assert_eq(dns_get16(bytes + 2), s->type);
			cr_assert_eq(dns_get32(bytes + 6), s->ttl);
			cr_assert_eq(r[i + 1].offset - r[i].offset, 12u + seen->len);
			memcpy(seen->rdata, bytes + 12, seen->len);
			seen->n = 1;
			seen->end_ms =
				lease_end_ms(&a->world->published->leases, r[i].slot);
			leased = leased || r[i].slot != 0;
			if (s->type != DNS_SRV)
				continue;
			seen->target =
				((const struct target *)entry_at(e, s->targets))[i];
			leave_name_out(seen);
		}
		cr_assert_eq(s->leased, leased);
	}
}

static struct seen *list_find(struct list *l, const struct seen *wanted)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (compare(&l->seen[i], wanted) == 0)
			return &l->seen[i];
	return NULL;
}

/* What the model asks for: each address once, until the last of its leases ends. */
static void see_model(const struct asker *a, struct service *s, struct list *l)
{
	const struct entry *e = ask_find(a, SERVICE);
	struct instance *i, *next;

	HASH_ITER (by_id, s->instances, i, next) {
		for (uint8_t k = 0; k < s->n_records; k++) {
			enum record_type t = s->records[k].type;
			struct seen wanted = {.type = record_type_wire(t)};
			struct seen *seen;

			wanted.len = compile_record(i, t, e->name, e->name_len,
				wanted.rdata, &wanted.target);
			if (wanted.len == 0 ||
				(i->is_unhealthy && compile_healthy_only(&plain, s, t)))
				continue;
			if (t == RECORD_SRV)
				leave_name_out(&wanted);
			seen = list_find(l, &wanted);
			if (seen == NULL) {
				seen = list_add(l);
				*seen = wanted;
				seen->end_ms = INT64_MIN;
			}
			seen->n++;
			if (i->lease_end_ms > seen->end_ms)
				seen->end_ms = i->lease_end_ms;
		}
	}
}

static void check(const struct asker *a, struct service *s)
{
	struct list is = {NULL, 0}, due = {NULL, 0};

	see_entry(a, &is);
	see_model(a, s, &due);
	cr_assert_eq(is.n, due.n, "%u records, not %u", is.n, due.n);
	qsort(is.seen, is.n, sizeof(*is.seen), compare);
	qsort(due.seen, due.n, sizeof(*due.seen), compare);
	for (uint32_t i = 0; i < is.n; i++) {
		cr_assert_eq(compare(&is.seen[i], &due.seen[i]), 0);
		/* Of twins, the one is given whose lease ended last when the name was compiled. */
		if (due.seen[i].type == DNS_SRV && due.seen[i].n > 1)
			continue;
		cr_assert_eq(is.seen[i].end_ms, due.seen[i].end_ms);
		cr_assert_eq(memcmp(&is.seen[i].target, &due.seen[i].target,
				     sizeof(struct target)),
			0);
	}
	free(is.seen);
	free(due.seen);
}

static void start(struct world *w, struct asker *a, const char *records,
	uint32_t instances)
{
	world_init(w);
	asker_init(a, w);
	world_namespace(w, "test", -1);
	world_service(w, SERVICE, records);
	for (uint32_t i = 0; i < instances; i++) {
		char id[32], attributes[64];

		snprintf(id, sizeof(id), "i-%u", i);
		snprintf(attributes, sizeof(attributes), "4=10.0.%u.%u port=80",
			i / 256, i % 256);
		world_instance(w, SERVICE, id, attributes, 0);
	}
	world_publish(w);
}

static void stop(struct world *w, struct asker *a)
{
	asker_free(a);
	world_free(w);
}

/* The data of the last record of the RRset. */
static const uint8_t *last_rdata(const struct asker *a, uint16_t type)
{
	const struct entry *e = ask_find(a, SERVICE);
	const struct rrset *s = entry_find(e, type);
	const struct record *r;

	cr_assert_not_null(s);
	if (s == NULL)
		return NULL;
	r = entry_at(e, s->records);
	return (const uint8_t *)entry_at(e, r[s->n - 1].offset) + 12;
}

Test(change, a_big_set_is_copied_and_a_small_one_compiled)
{
	static const uint8_t replaced[] = {10, 9, 9, 9};

	for (int is_big = 0; is_big <= 1; is_big++) {
		struct world w;
		struct asker a;

		start(&w, &a, "A=60 SRV=60",
			is_big ? CHANGE_INSTANCES_MIN : CHANGE_INSTANCES_MIN - 1);
		world_instance(&w, SERVICE, "i-3", "4=10.9.9.9 port=80", 0);
		world_publish(&w);
		/* Compiled, it would have kept its place. */
		cr_assert_eq(memcmp(last_rdata(&a, DNS_A), replaced, 4) == 0, is_big);
		check(&a, world_find(&w, SERVICE, "i-3")->service);
		stop(&w, &a);
	}
}

Test(change, many_changes_at_once_are_compiled)
{
	struct world w;
	struct asker a;
	static const uint8_t last[] = {10, 0, 0, 199};

	start(&w, &a, "A=60", 200);
	for (uint32_t i = 0; i < 50; i++) {
		char id[32], attributes[64];

		snprintf(id, sizeof(id), "i-%u", i);
		snprintf(attributes, sizeof(attributes), "4=10.8.0.%u", i);
		world_instance(&w, SERVICE, id, attributes, 0);
	}
	world_publish(&w);
	cr_assert_eq(memcmp(last_rdata(&a, DNS_A), last, 4), 0);
	check(&a, world_find(&w, SERVICE, "i-3")->service);
	stop(&w, &a);
}

/* A few addresses for many instances, with and without leases, in every order. */
static void step(struct world *w, struct rng *rng, uint32_t addresses)
{
	char id[32], attributes[160];
	uint32_t n = rng_below(rng, 160);
	struct service *s;

	snprintf(id, sizeof(id), "i-%u", n);
	snprintf(attributes, sizeof(attributes), "4=10.0.0.%u 6=fd00::%x port=%u",
		rng_below(rng, addresses), rng_below(rng, addresses) + 1,
		80 + rng_below(rng, 2));
	if (rng_below(rng, 3) == 0)
		*strstr(attributes, " 6=") = '\0';
	if (rng_below(rng, 40) == 0)
		strcat(attributes, " health=UNHEALTHY");
	if (rng_below(rng, 40) == 0)
		strcat(attributes, " weight=2");
	s = world_find(w, SERVICE, "keep")->service;
	if (rng_below(rng, 3) > 0)
		world_instance(w, SERVICE, id, attributes,
			rng_below(rng, 2) * (1000 + rng_below(rng, 9000)));
	else if (model_instance(s, id) != NULL)
		world_remove_instance(w, SERVICE, id);
	if (model_instance(s, id) != NULL && rng_below(rng, 4) == 0 &&
		model_instance(s, id)->lease_ms > 0)
		world_renew(w, SERVICE, id);
	w->now_ms += rng_below(rng, 50);
}

Test(change, whatever_happens_it_is_what_the_model_says)
{
	static const char *const records[] = {
		"A=60", "A=60 AAAA=60 SRV=30", "SRV=30", "A=60 AAAA=20 WEIGHTED"};

	for (uint32_t round = 0; round < 12; round++) {
		struct rng rng = {.state = 77 + round};
		struct world w;
		struct asker a;

		start(&w, &a, records[round % CMAP_COUNT(records)], 130);
		world_instance(&w, SERVICE, "keep", "4=10.7.7.7 6=fd07::7 port=7", 0);
		for (uint32_t i = 0; i < 400; i++) {
			for (uint32_t k = rng_below(&rng, 5); k > 0; k--)
				step(&w, &rng, round % 3 == 0 ? 12 : 250);
			world_publish(&w);
			check(&a, world_find(&w, SERVICE, "keep")->service);
		}
		stop(&w, &a);
	}
}

Test(change, who_came_and_left_takes_nothing_of_others_along)
{
	struct world w;
	struct asker a;

	start(&w, &a, "A=60", 100);
	world_instance(&w, SERVICE, "guest", "4=10.0.0.7", 5000);
	world_remove_instance(&w, SERVICE, "guest");
	world_publish(&w);
	check(&a, world_find(&w, SERVICE, "i-7")->service);
	stop(&w, &a);
}
