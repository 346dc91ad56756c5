/* SPDX-License-Identifier: MIT */
#include "zone/reverse.h"

#include <stdio.h>
#include <stdlib.h>

#include "ask.h"
#include "base/error.h"
#include "rng.h"
#include "test.h"
#include "wire/dns.h"
#include "zone/arpa.h"

#define WEB "web.test"

static void set_networks(struct world *w, const char *a, const char *b)
{
	w->options.n_reverse = b == NULL ? 1 : 2;
	cr_assert_eq(prefix_parse(a, &w->options.reverse[0]), CMAP_OK);
	if (b != NULL)
		cr_assert_eq(prefix_parse(b, &w->options.reverse[1]), CMAP_OK);
	zone_set_options(w->zone, &w->options);
}

/* The name of an address, as text without the dot at the end. */
static const char *reverse_name(const char *address)
{
	static char text[DNAME_TEXT];
	struct prefix p;
	struct dname d;

	cr_assert_eq(prefix_parse(address, &p), CMAP_OK);
	arpa_name(&p, &d);
	dname_to_text(d.wire, text);
	text[strlen(text) - 1] = '\0';
	return text;
}

static const char *ask_ptr(struct asker *a, const char *address)
{
	return ask(a, reverse_name(address), DNS_PTR);
}

static void set_health(struct world *w, const char *id, bool is_unhealthy)
{
	struct instance *i = world_find(w, WEB, id);

	i->is_unhealthy = is_unhealthy;
	zone_instance_health(w->zone, i);
	world_publish(w);
}

Test(reverse, the_unhealthy_are_left_out_while_another_has_the_address)
{
	struct fixture f;

	fixture_start(&f, WEB, "SRV=60");
	set_networks(&f.world, "10.0.0.0/8", NULL);
	world_instance(&f.world, WEB, "a", "4=10.0.0.1 port=1", 0);
	world_instance(&f.world, WEB, "b", "4=10.0.0.1 port=2 health=UNHEALTHY", 0);
	world_publish(&f.world);
	cr_assert_str_eq(ask_ptr(&f.asker, "10.0.0.1"), "PTR 60 a.web.test.");
	set_health(&f.world, "a", true);
	cr_assert_eq(ask_count(&f.asker, reverse_name("10.0.0.1"), DNS_PTR), 2);
	set_health(&f.world, "b", false);
	cr_assert_str_eq(ask_ptr(&f.asker, "10.0.0.1"), "PTR 60 b.web.test.");
	fixture_end(&f);
}

Test(reverse, answers_are_of_as_many_records_as_others_and_take_turns)
{
	struct fixture f;
	char id[16], address[32];

	fixture_start(&f, WEB, "SRV=60");
	set_networks(&f.world, "10.0.0.0/8", NULL);
	for (int i = 0; i < 10; i++) {
		snprintf(id, sizeof(id), "i-%d", i);
		snprintf(address, sizeof(address), "4=10.0.0.1 port=%d", 100 + i);
		world_instance(&f.world, WEB, id, address, 0);
	}
	world_publish(&f.world);
	for (int i = 0; i < 10; i++) {
		const char *answer = ask_ptr(&f.asker, "10.0.0.1");
		int n = 0;

		for (const char *c = strchr(answer, ' '); c != NULL;
			c = strchr(c + 1, ' '))
			n++;
		cr_assert_eq(n, 1 + WORLD_ANSWERS);
	}
	fixture_end(&f);
}

Test(reverse, one_address_of_thousands_is_bounded)
{
	enum { N = 20000 };
	struct fixture f;
	char id[16];

	fixture_start(&f, WEB, "SRV=60");
	set_networks(&f.world, "10.0.0.0/8", NULL);
	for (int i = 0; i < N; i++) {
		snprintf(id, sizeof(id), "i-%d", i);
		world_instance(&f.world, WEB, id, "4=10.0.0.1 port=1", 0);
	}
	world_publish(&f.world);
	cr_assert_eq(ask_count(&f.asker, reverse_name("10.0.0.1"), DNS_PTR), 64);
	for (int i = 0; i < N - 1; i++) {
		snprintf(id, sizeof(id), "i-%d", i);
		world_remove_instance(&f.world, WEB, id);
	}
	world_publish(&f.world);
	snprintf(id, sizeof(id), "PTR 60 i-%d", N - 1);
	cr_assert_str_eq(ask_ptr(&f.asker, "10.0.0.1"), "PTR 60 i-19999.web.test.");
	fixture_end(&f);
}

Test(reverse, names_above_ipv6_addresses_are_not_made)
{
	struct fixture f;
	const struct entry *apex, *leaf;

	fixture_start(&f, WEB, "AAAA=60");
	set_networks(&f.world, "fd00::/8", NULL);
	world_instance(&f.world, WEB, "a", "6=fd00::1", 0);
	world_publish(&f.world);
	cr_assert_str_eq(ask_ptr(&f.asker, "fd00::1"), "PTR 60 web.test.");
	cr_assert_eq(f.world.published->live, 4, "test, web, the zone, the address");
	apex = ask_find(&f.asker, "d.f.ip6.arpa");
	leaf = ask_find(&f.asker, reverse_name("fd00::1"));
	cr_assert(apex->flags & ENTRY_NETWORKS);
	cr_assert_eq(leaf->apex_len, apex->name_len);
	cr_assert_not(ask_find(&f.asker, "test")->flags & ENTRY_NETWORKS);
	fixture_end(&f);
}

/* ---- whatever comes and goes, in whatever order ------------------------------------------------- */

enum { ADDRESSES = 7, SERVICES = 4, IDS = 6, SPACES = 3, STEPS = 400, RUNS = 20 };

static const char *const addresses[ADDRESSES] = {"10.1.1.1", "10.1.1.2", "10.1.2.1",
	"10.2.1.1", "fd00::1", "fd00::2:1", "fd01::1"};
static const char *const services[SERVICES] = {
	"a.test", "srv.test", "both.test", "six.test"};
static const char *const records[SERVICES] = {
	"A=60", "SRV=30", "A=20 AAAA=20 SRV=25", "AAAA=50"};
static const char *const spaces[SPACES] = {
	"1.1.10.in-addr.arpa", "10.in-addr.arpa", "0.0.d.f.ip6.arpa"};

struct chaos {
	struct fixture f;
	struct rng rng;
	bool covers[ADDRESSES]; /* by a network */
};

static void change_networks(struct chaos *c)
{
	static const struct {
		const char *a, *b;
		bool covers[ADDRESSES];
	} choices[] = {
		{"10.1.0.0/16", "fd00::/16", {1, 1, 1, 0, 1, 1, 0}},
		{"10.1.1.0/24", "fd00::/14", {1, 1, 0, 0, 1, 1, 1}},
		{"10.0.0.0/9", "10.1.0.0/16", {1, 1, 1, 1, 0, 0, 0}},
		{"10.1.1.2", NULL, {0, 1, 0, 0, 0, 0, 0}},
	};
	uint32_t i = rng_below(&c->rng, CMAP_COUNT(choices));

	set_networks(&c->f.world, choices[i].a, choices[i].b);
	memcpy(c->covers, choices[i].covers, sizeof(c->covers));
}

static void change_space(struct chaos *c)
{
	const char *name = spaces[rng_below(&c->rng, SPACES)];

	if (model_namespace_by_dns(&c->f.world.model, name) == NULL)
		world_namespace(&c->f.world, name, -1);
	else
		world_remove_namespace(&c->f.world, name);
}

static struct instance *find(struct chaos *c, const char *service, const char *id)
{
	char *name;
	struct namespace *ns = model_namespace_above(&c->f.world.model, service, &name);
	struct instance *i = model_instance(model_service_by_name(ns, name), id);

	free(name);
	return i;
}

static void change_instance(struct chaos *c)
{
	struct world *w = &c->f.world;
	const char *service = services[rng_below(&c->rng, SERVICES)];
	char id[8], attributes[128];
	struct instance *i;

	snprintf(id, sizeof(id), "i-%u", rng_below(&c->rng, IDS));
	i = find(c, service, id);
	switch (i == NULL ? 0 : rng_below(&c->rng, 5)) {
	case 0:
		snprintf(attributes, sizeof(attributes), "port=1 4=%s 6=%s health=%s",
			addresses[rng_below(&c->rng, 4)],
			addresses[4 + rng_below(&c->rng, 3)],
			rng_below(&c->rng, 3) == 0 ? "UNHEALTHY" : "HEALTHY");
		world_instance(w, service, id, attributes,
			rng_below(&c->rng, 2) * (10000 + rng_below(&c->rng, 50000)));
		break;
	case 1:
		world_remove_instance(w, service, id);
		break;
	case 2:
		i->is_unhealthy = !i->is_unhealthy;
		zone_instance_health(w->zone, i);
		break;
	default:
		if (i->lease_ms != 0)
			world_renew(w, service, id);
	}
}

/* Some leases are renewed, which is seen at once; some have ended: true if any has. */
static bool pass_time(struct chaos *c)
{
	bool has_ended = false;

	c->f.world.now_ms += rng_below(&c->rng, 3000);
	for (int s = 0; s < SERVICES; s++) {
		for (int k = 0; k < IDS; k++) {
			char id[8];
			const struct instance *i;

			snprintf(id, sizeof(id), "i-%d", k);
			i = find(c, services[s], id);
			if (i == NULL || i->lease_ms == 0)
				continue;
			if (i->lease_end_ms <= c->f.world.now_ms) {
				world_remove_instance(&c->f.world, services[s], id);
				has_ended = true;
			} else if (rng_below(&c->rng, 10) == 0) {
				world_renew(&c->f.world, services[s], id);
			}
		}
	}
	return has_ended;
}

/* One name, its TTL as far as leases bound it, and whether it stands for a healthy instance. */
struct expected {
	char name[64];
	int64_t end_ms;
	uint32_t ttl;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct expected *)a)->name,
		((const struct expected *)b)->name);
}

static bool has_address(const struct instance *i, bool is_ipv6, const struct prefix *p)
{
	return is_ipv6 ? i->has_ipv6 && memcmp(&i->ipv6, p->octets, 16) == 0
		       : i->has_ipv4 && memcmp(&i->ipv4, p->octets, 4) == 0;
}

static void note(struct expected *list, uint32_t *n, const char *service,
	const struct instance *i, bool is_ipv6)
{
	const struct dns_record *srv = service_record(i->service, RECORD_SRV);
	const struct dns_record *r =
		service_record(i->service, is_ipv6 ? RECORD_AAAA : RECORD_A);
	struct expected e = {
		.end_ms = i->lease_end_ms, .ttl = srv != NULL ? srv->ttl : r->ttl};
	uint32_t k = 0;

	snprintf(e.name, sizeof(e.name), "%s%s%s.", srv == NULL ? "" : i->id,
		srv == NULL ? "" : ".", service);
	while (k < *n && strcmp(list[k].name, e.name) != 0)
		k++;
	if (k == *n)
		list[(*n)++] = e;
	else if (list[k].end_ms < e.end_ms)
		list[k].end_ms = e.end_ms;
}

/* "PTR TTL NAME..." in order, as the model has it. */
static void expect(struct chaos *c, int address, char *out, size_t room)
{
	struct expected list[SERVICES * IDS];
	struct prefix p;
	uint32_t n = 0, ttl = UINT32_MAX;
	size_t at;

	cr_assert_eq(prefix_parse(addresses[address], &p), CMAP_OK);
	for (int unhealthy = 0; unhealthy <= 1 && n == 0; unhealthy++) {
		for (int s = 0; s < SERVICES; s++) {
			for (int k = 0; k < IDS; k++) {
				char id[8];
				const struct instance *i;

				snprintf(id, sizeof(id), "i-%d", k);
				i = find(c, services[s], id);
				if (i != NULL && c->covers[address] &&
					has_address(i, p.len == 16, &p) &&
					i->is_unhealthy == (unhealthy == 1) &&
					(service_record(i->service, RECORD_SRV) !=
							NULL ||
						service_record(i->service,
							p.len == 16
								? RECORD_AAAA
								: RECORD_A) != NULL))
					note(list, &n, services[s], i, p.len == 16);
			}
		}
	}
	qsort(list, n, sizeof(*list), by_name);
	for (uint32_t i = 0; i < n; i++) {
		ttl = list[i].ttl < ttl ? list[i].ttl : ttl;
		if (list[i].end_ms != MODEL_LEASE_NONE &&
			(list[i].end_ms - c->f.world.now_ms) / 1000 < ttl)
			ttl = (uint32_t)((list[i].end_ms - c->f.world.now_ms) / 1000);
	}
	at = (size_t)snprintf(out, room, "PTR %u", ttl);
	for (uint32_t i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, room - at, " %s", list[i].name);
	if (n == 0)
		snprintf(out, room, "none");
}

/* Sorts the words of an answer behind its TTL. */
static void sort_answer(const char *answer, char *out, size_t room)
{
	struct expected list[SERVICES * IDS];
	char *text = strdup(answer), *rest = NULL, *word = strtok_r(text, " ", &rest);
	uint32_t n = 0;
	size_t at = (size_t)snprintf(out, room, "%s", word);

	if (strcmp(word, "PTR") == 0)
		at += (size_t)snprintf(out + at, room - at, " %s",
			strtok_r(NULL, " ", &rest));
	while ((word = strtok_r(NULL, " ", &rest)) != NULL)
		snprintf(list[n++].name, sizeof(list->name), "%s", word);
	qsort(list, n, sizeof(*list), by_name);
	for (uint32_t i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, room - at, " %s", list[i].name);
	free(text);
}

/* The zone that a published name says it lies in is the nearest that there is. */
static void check_apex(struct chaos *c, const struct entry *e)
{
	struct dname d = {.len = e->name_len};
	const struct entry *at;

	memcpy(d.wire, e->name, d.len);
	do {
		at = published_find(c->f.world.published, d.wire, d.len);
		if (at != NULL && entry_find(at, DNS_SOA) != NULL)
			break;
		dname_parent(&d);
	} while (d.len > 1);
	cr_assert_eq(e->apex_len, d.len);
}

static void check_all(struct chaos *c, uint32_t run, uint32_t step)
{
	for (int a = 0; a < ADDRESSES; a++) {
		char want[2048], got[2048];
		const struct entry *e =
			ask_find(&c->f.asker, reverse_name(addresses[a]));

		expect(c, a, want, sizeof(want));
		sort_answer(ask_ptr(&c->f.asker, addresses[a]), got, sizeof(got));
		if (strcmp(got, "nodata") == 0 && strcmp(want, "none") == 0 &&
			entry_is_apex(e))
			strcpy(got, "none"); /* a zone of one address */
		cr_assert_str_eq(got, want, "run %u, step %u: %s", run, step,
			addresses[a]);
		if (e != NULL)
			check_apex(c, e);
	}
}

/* All that was there goes, and leaves nothing. */
static void take_down(struct chaos *c)
{
	struct world *w = &c->f.world;

	w->options.n_reverse = 0;
	zone_set_options(w->zone, &w->options);
	for (int s = 0; s < SPACES; s++)
		if (model_namespace_by_dns(&w->model, spaces[s]) != NULL)
			world_remove_namespace(w, spaces[s]);
	world_publish(w);
	for (int s = 0; s < SERVICES; s++) {
		for (int k = 0; k < IDS; k++) {
			char id[8];

			snprintf(id, sizeof(id), "i-%d", k);
			if (find(c, services[s], id) != NULL)
				world_remove_instance(w, services[s], id);
		}
	}
	world_publish(w);
	cr_assert_eq(w->published->live, 1 + SERVICES, "the namespace and services");
}

Test(reverse, is_what_the_model_says)
{
	for (uint32_t run = 0; run < RUNS; run++) {
		struct chaos c = {.rng = {.state = run + 1}};

		fixture_start(&c.f, services[0], records[0]);
		c.f.world.options.answers = 0;
		for (int s = 1; s < SERVICES; s++)
			world_service(&c.f.world, services[s], records[s]);
		change_networks(&c);
		for (uint32_t step = 0; step < STEPS; step++) {
			uint32_t what = rng_below(&c.rng, 40);

			if (what == 0)
				change_networks(&c);
			else if (what <= 3)
				change_space(&c);
			else
				change_instance(&c);
			if (rng_below(&c.rng, 3) > 0)
				continue;
			world_publish(&c.f.world);
			check_all(&c, run, step);
			if (pass_time(&c))
				world_publish(&c.f.world);
			check_all(&c, run, step);
		}
		take_down(&c);
		fixture_end(&c.f);
	}
}
