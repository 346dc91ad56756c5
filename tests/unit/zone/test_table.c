/* SPDX-License-Identifier: MIT */
#include "zone/table.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "rng.h"
#include "test.h"
#include "wire/dname.h"

/* A name of number i, in wire form; returns its length. */
static uint8_t make_name(uint32_t i, uint8_t *name)
{
	int len = snprintf((char *)name + 1, 32, "name-%u", i);

	name[0] = (uint8_t)len;
	memcpy(name + 1 + len, "\004test", 6);
	return (uint8_t)(1 + len + 6);
}

/* An entry that carries value, twice, so that half of one would show. */
static struct entry *make_entry(const struct published *p, uint32_t i, uint32_t value)
{
	uint8_t name[64], len = make_name(i, name);
	struct entry *e = calloc(1, sizeof(*e) + len);

	e->name_len = len;
	memcpy(e->name, name, len);
	e->hash = published_hash(p, name, len);
	e->views = VIEWS_ALL;
	e->rrsets = value;
	e->n_rrsets = (uint8_t)(value ^ 0x55);
	return e;
}

static const struct entry *find(const struct published *p, uint32_t i)
{
	uint8_t name[64], len = make_name(i, name);

	return published_find(p, name, len);
}

static void put(struct published *p, uint32_t i, uint32_t value)
{
	published_put(p, make_entry(p, i, value));
}

static void take_out(struct published *p, uint32_t i)
{
	uint8_t name[64], len = make_name(i, name);

	published_remove(p, &(struct entry_key){.name = name, .len = len});
}

/* What the writer promises itself: room for a search to end, and counts that are true. */
static void check_table(const struct published *p, uint32_t live)
{
	const struct table *t = atomic_load(&p->table);

	cr_assert_eq(p->live, live);
	cr_assert_leq(p->live, p->used);
	cr_assert_leq(p->used, t->mask / 4 * 3 + 1);
	cr_assert_eq(t->mask & (t->mask + 1), 0);
}

Test(table, an_empty_one_has_nothing)
{
	struct published p;

	published_init(&p);
	cr_assert_null(find(&p, 1));
	take_out(&p, 1);
	check_table(&p, 0);
	published_free(&p);
}

Test(table, a_name_is_found_by_all_its_octets)
{
	struct published p;
	const struct entry *e;

	published_init(&p);
	put(&p, 12, 1);
	e = find(&p, 12);
	cr_assert_not_null(e);
	cr_assert_eq(e->rrsets, 1);
	cr_assert_null(find(&p, 1));
	cr_assert_null(find(&p, 13));
	cr_assert_null(published_find(&p, (const uint8_t *)"", 1));
	cr_assert_null(published_find(&p, e->name, e->name_len - 1u));
	cr_assert_null(published_find(&p, e->name + 1, e->name_len - 1u));
	cr_assert_not_null(published_find(&p, e->name, e->name_len));
	published_free(&p);
}

/* Names of one length and one hash: the octets decide. */
Test(table, names_of_equal_hash_are_told_apart)
{
	struct published p;
	uint8_t name[64], len = make_name(10, name);

	published_init(&p);
	for (uint32_t i = 11; i < 40; i++) {
		struct entry *e = make_entry(&p, i, i);

		e->hash = published_hash(&p, name, len);
		published_put(&p, e);
	}
	cr_assert_null(find(&p, 10));
	check_table(&p, 29);
	put(&p, 10, 10);
	cr_assert_not_null(find(&p, 10));
	cr_assert_eq(find(&p, 10)->rrsets, 10);
	check_table(&p, 30);
	published_free(&p);
}

static void put_name(struct published *p, const char *text)
{
	struct dname d;
	struct entry *e = calloc(1, sizeof(*e) + DNAME_MAX);

	cr_assert_eq(dname_from_plain(text, &d), CMAP_OK);
	e->name_len = d.len;
	memcpy(e->name, d.wire, d.len);
	e->hash = published_hash(p, d.wire, d.len);
	e->views = VIEWS_ALL;
	published_put(p, e);
}

/* What stands nearest above the name, NULL for nothing. */
static const char *above(const struct published *p, const char *text)
{
	static char found[DNAME_TEXT];
	const struct entry *e;
	struct dname d;

	cr_assert_eq(dname_from_plain(text, &d), CMAP_OK);
	e = published_above(p, d.wire, d.len);
	if (e != NULL)
		dname_to_text(e->name, found);
	return e == NULL ? "none" : found;
}

Test(table, the_nearest_name_above_is_found)
{
	static const char *const deep[] = {"a", "a.a.a.a.a.a.a.a.a.a", "a.b", "x"};
	struct published p;
	char name[256];

	published_init(&p);
	cr_assert_str_eq(above(&p, "a.b"), "none");
	put_name(&p, "corp.internal");
	cr_assert_str_eq(above(&p, "web.corp.internal"), "corp.internal.");
	cr_assert_str_eq(above(&p, "corp.internal"), "none");
	cr_assert_str_eq(above(&p, "internal"), "none");
	cr_assert_str_eq(above(&p, "."), "none");
	for (size_t i = 0; i < CMAP_COUNT(deep); i++) {
		snprintf(name, sizeof(name), "%s.corp.internal", deep[i]);
		cr_assert_str_eq(above(&p, name), "corp.internal.", "%s", name);
		snprintf(name, sizeof(name), "%s.corp.internals", deep[i]);
		cr_assert_str_eq(above(&p, name), "none", "%s", name);
	}
	put_name(&p, "c.b.a.corp.internal");
	cr_assert_str_eq(above(&p, "x.c.b.a.corp.internal"), "c.b.a.corp.internal.");
	cr_assert_str_eq(above(&p, "x.x.c.b.a.corp.internal"), "c.b.a.corp.internal.");
	cr_assert_str_eq(above(&p, "c.b.a.corp.internal"), "corp.internal.");
	cr_assert_str_eq(above(&p, "x.b.a.corp.internal"), "corp.internal.");
	/* The longest there is, in a table that knows one as deep. */
	memset(name, 0, sizeof(name));
	for (int i = 0; i < 127; i++)
		memcpy(name + 2 * i, i < 126 ? "x." : "x", i < 126 ? 2 : 1);
	put_name(&p, name + 2);
	cr_assert_str_eq(above(&p, name + 4), "none");
	cr_assert_eq(strlen(above(&p, name)), 252);
	put_name(&p, ".");
	cr_assert_str_eq(above(&p, name + 4), ".");
	cr_assert_str_eq(above(&p, "."), "none");
	published_free(&p);
}

enum { SEARCHES = 2000 };

/* How long it takes to find nothing above as many names, in the best of some rounds. */
static int64_t search_ns(const struct published *p, const struct dname *names)
{
	int64_t best = INT64_MAX;
	struct timespec t0, t1;

	for (int round = 0; round < 10; round++) {
		int64_t ns;

		clock_gettime(CLOCK_MONOTONIC, &t0);
		for (int i = 0; i < SEARCHES; i++)
			cr_assert_null(published_above(p, names[i].wire, names[i].len));
		clock_gettime(CLOCK_MONOTONIC, &t1);
		ns = (t1.tv_sec - t0.tv_sec) * 1000000000 + t1.tv_nsec - t0.tv_nsec;
		best = ns < best ? ns : best;
	}
	return best;
}

/* A name of n labels, each a letter or two. */
static void random_name(struct rng *r, int n, struct dname *out)
{
	char text[256];
	size_t len = 0;

	for (; n > 0; n--)
		len += (size_t)sprintf(text + len, "%c.", 'a' + (int)rng_below(r, 26));
	cr_assert_eq(dname_from_plain(text, out), CMAP_OK);
}

/*
 * A name of 127 labels outside our zones is no attack: it costs its length octets, and not a search each in a
 * table that no cache holds, with which it took 200 times as long as one of five labels.
 */
Test(table, labels_that_nothing_has_are_not_looked_up)
{
	struct published p;
	struct rng r = {7};
	struct dname *names = calloc(2 * SEARCHES, sizeof(*names));
	int64_t few_ns, many_ns;

	published_init(&p);
	for (uint32_t i = 0; i < 200000; i++)
		put(&p, i, i);
	for (int i = 0; i < SEARCHES; i++) {
		random_name(&r, 5, &names[i]);
		random_name(&r, 127, &names[SEARCHES + i]);
	}
	few_ns = search_ns(&p, names);
	many_ns = search_ns(&p, names + SEARCHES);
	cr_assert_lt(many_ns, 60 * few_ns, "%lld ns, and %lld", (long long)few_ns,
		(long long)many_ns);
	free(names);
	published_free(&p);
}

Test(table, a_name_put_again_is_replaced)
{
	struct published p;

	published_init(&p);
	for (uint32_t value = 0; value < 1000; value++) {
		put(&p, 7, value);
		cr_assert_eq(find(&p, 7)->rrsets, value);
		check_table(&p, 1);
	}
	grace_flush(&p.grace);
	cr_assert_eq(find(&p, 7)->rrsets, 999);
	published_free(&p);
}

Test(table, grows_and_loses_nothing)
{
	enum { N = 20000 };
	struct published p;
	const struct table *t;

	published_init(&p);
	for (uint32_t i = 0; i < N; i++) {
		put(&p, i, i);
		check_table(&p, i + 1);
		cr_assert_eq(find(&p, i)->rrsets, i);
		cr_assert_eq(find(&p, i / 2)->rrsets, i / 2);
	}
	for (uint32_t i = 0; i < N; i++)
		cr_assert_eq(find(&p, i)->rrsets, i);
	cr_assert_null(find(&p, N));
	t = atomic_load(&p.table);
	cr_assert_leq(t->mask + 1, 4 * N, "%u slots", t->mask + 1);
	published_free(&p);
}

/* Names that come and go leave tombstones; these neither fill the table nor make it grow. */
Test(table, tombstones_are_used_again_or_swept)
{
	enum { LIVE = 10, N = 50000 };
	struct published p;
	const struct table *t;

	published_init(&p);
	for (uint32_t i = 0; i < N; i++) {
		put(&p, i, i);
		if (i >= LIVE)
			take_out(&p, i - LIVE);
		check_table(&p, i < LIVE ? i + 1 : LIVE);
		if (i % 64 == 0)
			grace_flush(&p.grace);
	}
	for (uint32_t i = N - LIVE; i < N; i++)
		cr_assert_eq(find(&p, i)->rrsets, i);
	cr_assert_null(find(&p, N - LIVE - 1));
	t = atomic_load(&p.table);
	cr_assert_eq(t->mask + 1, 64, "%u slots for %d names", t->mask + 1, LIVE);
	published_free(&p);
}

Test(table, agrees_with_a_naive_map)
{
	enum { NAMES = 700, STEPS = 200000 };
	struct published p;
	struct rng r = {41};
	static uint32_t map[NAMES]; /* 0: not there */
	uint32_t live = 0;

	published_init(&p);
	for (uint32_t step = 1; step <= STEPS; step++) {
		/* Sometimes few are there, sometimes all. */
		uint32_t much = step / 10000 % 4, i = rng_below(&r, NAMES);
		uint32_t other = rng_below(&r, NAMES);
		const struct entry *e;

		if (rng_below(&r, 4) <= much) {
			put(&p, i, step);
			live += map[i] == 0;
			map[i] = step;
		} else {
			take_out(&p, i);
			live -= map[i] != 0;
			map[i] = 0;
		}
		e = find(&p, i);
		cr_assert_eq(e == NULL ? 0 : e->rrsets, map[i], "name %u", i);
		e = find(&p, other);
		cr_assert_eq(e == NULL ? 0 : e->rrsets, map[other], "name %u", other);
		if (step % 1000 == 0) {
			check_table(&p, live);
			for (i = 0; i < NAMES; i++) {
				e = find(&p, i);
				cr_assert_eq(e == NULL ? 0 : e->rrsets, map[i]);
			}
			grace_flush(&p.grace);
		}
	}
	published_free(&p);
}

/* ---- beside readers --------------------------------------------------------------------------- */

enum {
	STEADY = 50,  /* names that are there all the time, in changing versions */
	COMING = 500, /* names that come and go */
	READERS = 2,
	WRITES = 40000,
	FINDS = 1000 /* of each reader, at least */
};

struct race {
	struct published p;
	atomic_bool stop;
	atomic_uint version; /* no version above it has been put */
};

struct racer {
	struct race *race;
	pthread_t thread;
	uint32_t seed;
	_Atomic uint32_t found;
	_Atomic(const char *) wrong; /* the first thing that was */
};

static const char *check_found(struct racer *a, uint32_t i)
{
	const struct entry *e = find(&a->race->p, i);

	if (e == NULL)
		return i < STEADY ? "a name that was never taken out was missed" : NULL;
	a->found++;
	if (e->n_rrsets != (uint8_t)(e->rrsets ^ 0x55))
		return "half an entry was seen";
	if (e->rrsets > atomic_load(&a->race->version))
		return "an entry was seen that nobody has put";
	return e->hash == published_hash(&a->race->p, e->name, e->name_len)
		       ? NULL
		       : "another name's entry was found";
}

static void *race_run(void *arg)
{
	struct racer *a = arg;
	struct rng r = {a->seed};
	uint32_t batch = 0;

	reader_register();
	while (!atomic_load(&a->race->stop) && a->wrong == NULL) {
		for (int i = 0; i < 64 && a->wrong == NULL; i++)
			a->wrong = check_found(a, rng_below(&r, STEADY + COMING));
		if (++batch % 16 == 0) {
			reader_offline();
			reader_online();
		} else {
			reader_quiescent();
		}
	}
	reader_unregister();
	return NULL;
}

static bool have_found(const struct racer *racer)
{
	for (int i = 0; i < READERS; i++)
		if (atomic_load(&racer[i].found) < FINDS && racer[i].wrong == NULL)
			return false;
	return true;
}

Test(table, readers_see_whole_entries_while_it_changes)
{
	struct race race = {.stop = false};
	struct racer racer[READERS] = {{.seed = 51}, {.seed = 52}};
	struct rng r = {53};

	published_init(&race.p);
	for (uint32_t i = 0; i < STEADY; i++)
		put(&race.p, i, 0);
	for (int i = 0; i < READERS; i++) {
		racer[i].race = &race;
		cr_assert_eq(pthread_create(&racer[i].thread, NULL, race_run,
				     &racer[i]),
			0);
	}
	for (uint32_t version = 1; version <= WRITES || !have_found(racer); version++) {
		uint32_t i = rng_below(&r, STEADY + COMING);

		atomic_store(&race.version, version);
		if (i >= STEADY && rng_below(&r, 2))
			take_out(&race.p, i);
		else
			put(&race.p, i, version);
		if (version % 100 == 0)
			grace_flush(&race.p.grace);
	}
	atomic_store(&race.stop, true);
	for (int i = 0; i < READERS; i++) {
		pthread_join(racer[i].thread, NULL);
		cr_assert_null(racer[i].wrong, "%s", racer[i].wrong);
	}
	published_free(&race.p);
}
