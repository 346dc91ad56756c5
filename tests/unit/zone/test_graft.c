/* SPDX-License-Identifier: MIT */
#include "zone/graft.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "rng.h"
#include "test.h"
#include "wire/dns.h"
#include "world.h"

/*
 * Whatever comes and goes, in whatever order: what is published is what a zone made from nothing
 * publishes of the same model and the same files.
 */

enum { SPACES = 5, FILES = 6, LABELS = 4, DEPTH = 4, STEPS = 200, RUNS = 24 };

static const char *const spaces[SPACES] = {"t", "b.t", "a.b.t", "c.t", "b.a.c.t"};

static const char *const lines[] = {"A 192.0.2.1", "A 192.0.2.2", "TXT x",
	"AAAA fd00::1", "CNAME a", "NS a", "NS b.t.", "NS ns.a.b.t.", "DS 1 8 2 A0",
	"SRV 0 0 1 c", "SOA a b 1 2 3 4 5"};

struct chaos {
	struct world w;
	struct rng rng;
	char *file[SPACES]; /* their texts */
};

static struct static_zone *read_static(void *arg, const char *name,
	const struct dname *apex)
{
	struct chaos *c = arg;
	struct buf why = {.data = NULL};
	struct static_zone *z = NULL;

	for (int i = 0; i < SPACES; i++)
		if (strcmp(spaces[i], name) == 0 && c->file[i] != NULL &&
			static_read_text(name, c->file[i], strlen(c->file[i]), apex, &z,
				&why) != CMAP_OK)
			z = NULL;
	buf_free(&why);
	return z;
}

/* A name in the zone: up to DEPTH labels of a, b, c and *. */
static void random_name(struct chaos *c, const char *zone, bool wild, char *out,
	size_t room)
{
	uint32_t depth = rng_below(&c->rng, DEPTH);
	size_t at = 0;

	for (uint32_t i = 0; i < depth; i++)
		at += (size_t)snprintf(out + at, room - at, "%c.",
			"abc*"[rng_below(&c->rng, wild ? LABELS : LABELS - 1)]);
	snprintf(out + at, room - at, "%s", zone);
}

/* Lines that go together; those that do not are left out. */
static char *random_file(struct chaos *c, const char *zone)
{
	struct buf text = {.data = NULL}, why = {.data = NULL};
	struct dname apex;

	cr_assert_eq(dname_from_plain(zone, &apex), CMAP_OK);
	for (uint32_t n = rng_below(&c->rng, 14); n > 0; n--) {
		char name[64];
		size_t len = text.len;
		struct static_zone *z;

		random_name(c, zone, true, name, sizeof(name));
		buf_printf(&text, "%s. 60 %s\n", name,
			lines[rng_below(&c->rng, CMAP_COUNT(lines))]);
		if (static_read_text("f", text.data, text.len, &apex, &z, &why) ==
			CMAP_OK)
			static_free(z);
		else
			text.len = len;
	}
	buf_free(&why);
	if (text.data != NULL)
		text.data[text.len] = '\0';
	return buf_take(&text);
}

static struct namespace *find_space(struct chaos *c, int i)
{
	return model_namespace_by_dns(&c->w.model, spaces[i]);
}

static void change_file(struct chaos *c, int i)
{
	struct dname apex;
	const struct namespace *ns = find_space(c, i);

	free(c->file[i]);
	c->file[i] = rng_below(&c->rng, 4) == 0 ? NULL : random_file(c, spaces[i]);
	cr_assert_eq(dname_from_plain(spaces[i], &apex), CMAP_OK);
	if (ns != NULL)
		zone_set_static(c->w.zone, ns, read_static(c, spaces[i], &apex));
}

/* As the registry allows it. */
static void change_space(struct chaos *c, int i)
{
	struct namespace *ns = find_space(c, i);

	if (ns != NULL && ns->services == NULL)
		world_remove_namespace(&c->w, spaces[i]);
	else if (ns == NULL && !zone_is_registered(c->w.zone, spaces[i]))
		world_namespace(&c->w, spaces[i], -1);
	/* A batch never holds what undoes what it does. */
	world_publish(&c->w);
}

static void change_service(struct chaos *c, int i)
{
	static const char *const kinds[] = {
		"A=5", "SRV=5", "CNAME=5", "A=5 AAAA=6 SRV=7"};
	struct namespace *ns = find_space(c, i);
	struct service *s;
	char full[64], *name = NULL;

	random_name(c, spaces[i], false, full, sizeof(full));
	if (ns == NULL || model_namespace_above(&c->w.model, full, &name) != ns) {
		free(name);
		return;
	}
	s = model_service_by_name(ns, name);
	if (s != NULL && s->instances == NULL)
		world_remove_service(&c->w, full);
	else if (s == NULL && zone_name_use(c->w.zone, ns, full) != ZONE_USE_TARGET)
		world_service(&c->w, full,
			kinds[rng_below(&c->rng, strcmp(name, ".") == 0 ? 2 : 4)]);
	free(name);
}

static void change_instance(struct chaos *c, int i)
{
	struct namespace *ns = find_space(c, i);
	struct service *s, *next;
	char full[80], target[100], id[2] = {"abc"[rng_below(&c->rng, 3)], '\0'};

	if (ns == NULL)
		return;
	HASH_ITER (by_key, ns->services, s, next) {
		if (rng_below(&c->rng, 3) != 0)
			continue;
		snprintf(full, sizeof(full), "%s%s%s",
			strcmp(s->name, ".") == 0 ? "" : s->name,
			strcmp(s->name, ".") == 0 ? "" : ".", ns->name);
		snprintf(target, sizeof(target), "%s.%s", id, full);
		if (model_instance(s, id) != NULL)
			world_remove_instance(&c->w, full, id);
		else if (service_record(s, RECORD_SRV) == NULL ||
			 zone_name_use(c->w.zone, ns, target) == ZONE_USE_NONE)
			world_instance(&c->w, full, id,
				"4=10.0.0.1 6=fd00::9 port=80 cname=a.t", 0);
		return;
	}
}

/* All of an entry but what numbers it: serials and counters. */
static void describe(const struct entry *e, struct buf *out)
{
	char name[DNAME_TEXT];

	dname_to_text(e->name, name);
	buf_printf(out, "%s apex %u cut %u:", name, (unsigned int)e->apex_len,
		(unsigned int)(e->flags & ENTRY_CUT));
	for (uint8_t i = 0; i < e->n_rrsets; i++) {
		const struct rrset *s = &entry_rrsets(e)[i];
		const struct record *r = entry_at(e, s->records);

		buf_printf(out, " [%u ttl %u pick %u", (unsigned int)s->type,
			(unsigned int)s->ttl, (unsigned int)s->pick);
		for (uint32_t k = 0; k < s->n; k++) {
			const uint8_t *bytes = entry_at(e, r[k].offset);
			uint32_t len = r[k + 1].offset - r[k].offset;
			bool is_soa = dns_get16(bytes + 2) == DNS_SOA;

			buf_add_text(out, " ");
			for (uint32_t b = 0; b < len; b++)
				if (!is_soa || b < len - 20 || b >= len - 16)
					buf_printf(out, "%02x", (unsigned int)bytes[b]);
		}
		buf_add_text(out, "]");
	}
	buf_add_text(out, "\n");
}

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), end_len = strlen(end);

	return len >= end_len && strcmp(s + len - end_len, end) == 0;
}

/* A namespace may begin at or below the name. */
static bool has_spaces(const char *name)
{
	for (int i = 0; i < SPACES; i++)
		if (ends_with(spaces[i], name))
			return true;
	return false;
}

/* All entries at and below the name; *n counts them. Where nothing is published, nothing is below but namespaces. */
static void describe_all(const struct published *p, const char *below, struct buf *out,
	uint32_t *n)
{
	struct dname d;
	const struct entry *e, *wildcard;

	cr_assert_eq(dname_from_plain(below, &d), CMAP_OK);
	e = published_find(p, d.wire, d.len);
	if (e == NULL && !has_spaces(below))
		return;
	if (e != NULL) {
		describe(e, out);
		++*n;
	}
	for (int i = 0; i < LABELS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%c.%s", "abc*"[i], below);
		describe_all(p, name, out, n);
		cr_assert_eq(dname_from_plain(name, &d), CMAP_OK);
		wildcard = name[0] == '*' ? published_find(p, d.wire, d.len) : NULL;
		if (wildcard != NULL)
			cr_assert(e != NULL && (e->flags & ENTRY_WILDCARD), "%s", name);
	}
}

static struct zone *make_anew(struct chaos *c)
{
	struct zone *z = zone_new(&c->w.options);
	struct namespace *ns, *next_ns;

	HASH_ITER (by_id, c->w.model.namespaces, ns, next_ns)
		zone_namespace_put(z, ns);
	HASH_ITER (by_id, c->w.model.namespaces, ns, next_ns) {
		struct service *s, *next_s;

		HASH_ITER (by_key, ns->services, s, next_s) {
			struct instance *i, *next_i;
			void *node = s->node; /* the other zone's */

			zone_service_put(z, s);
			HASH_ITER (by_id, s->instances, i, next_i)
				zone_instance_put(z, i);
			s->node = node;
		}
	}
	zone_publish(z, 1);
	return z;
}

static void compare(struct chaos *c, int run, int step)
{
	struct zone *anew = make_anew(c);
	struct buf got = {.data = NULL}, expected = {.data = NULL};
	uint32_t n = 0, n_expected = 0;

	describe_all(c->w.published, "t", &got, &n);
	describe_all(zone_published(anew), "t", &expected, &n_expected);
	cr_assert_str_eq(buf_text(&got), buf_text(&expected), "run %d, step %d", run,
		step);
	cr_assert_eq(c->w.published->live, n, "run %d, step %d", run, step);
	buf_free(&got);
	buf_free(&expected);
	zone_free(anew);
}

static void run_chaos(int run)
{
	struct chaos c = {.rng = {(uint64_t)run * 7919 + 1}};
	static void (*const changes[])(struct chaos *, int) = {change_file,
		change_space, change_service, change_service, change_instance,
		change_instance};

	world_init(&c.w);
	c.w.options.statics = read_static;
	c.w.options.arg = &c;
	zone_set_options(c.w.zone, &c.w.options);
	for (int step = 0; step < STEPS; step++) {
		changes[rng_below(&c.rng, CMAP_COUNT(changes))](&c,
			(int)rng_below(&c.rng, SPACES));
		if (rng_below(&c.rng, 12) != 0)
			continue;
		world_publish(&c.w);
		compare(&c, run, step);
	}
	world_free(&c.w);
	for (int i = 0; i < SPACES; i++)
		free(c.file[i]);
}

Test(graft, what_is_published_does_not_depend_on_how_it_came_about)
{
	log_set_level(LOG_LEVEL_ERROR);
	for (int run = 0; run < RUNS; run++)
		run_chaos(run);
}
