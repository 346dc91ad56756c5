/* SPDX-License-Identifier: MIT */
#include "forward/cache.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "rng.h"
#include "said.h"
#include "test.h"

static struct cached *find(struct cache *c, const char *name)
{
	struct forward_question q = asked_for(name, DNS_A);

	return cache_find(c, &q);
}

/* Whether name is in it, without making a place for it. */
static bool knows(const struct cache *c, const char *name)
{
	struct forward_question q = asked_for(name, DNS_A);

	for (const struct cached *e = c->newest; e != NULL; e = e->older)
		if (dname_equal(&e->question.name, &q.name))
			return true;
	return false;
}

/* An image of no records that takes so many octets in all. */
static struct image *image_of_size(size_t octets)
{
	struct image *i = xcalloc(1, octets);

	i->end = (uint16_t)(octets - sizeof(*i));
	return i;
}

/* What an attempt does: name's answer comes, of so many octets. */
static void learn(struct cache *c, const char *name, size_t octets)
{
	struct cached *e = find(c, name);

	cache_fly(c, e);
	free(e->image);
	e->image = image_of_size(octets);
	cache_land(c, e);
}

Test(cache, a_question_has_one_place)
{
	struct cache c;
	struct forward_question q = asked_for("WWW.example", DNS_A), other;
	struct cached *e;

	cache_init(&c, 100000);
	e = cache_find(&c, &q);
	cr_assert_null(e->image);
	cr_assert_null(e->attempt);
	cr_assert_eq(cache_find(&c, &q), e);
	other = asked_for("www.example", DNS_A);
	cr_assert_eq(cache_find(&c, &other), e);
	/* What lies behind the name does not count. */
	memset(other.name.wire + other.name.len, 0xEE, DNAME_MAX - other.name.len);
	cr_assert_eq(cache_find(&c, &other), e);
	other = q;
	other.type = DNS_AAAA;
	cr_assert_neq(cache_find(&c, &other), e);
	other = q;
	other.class = DNS_CH;
	cr_assert_neq(cache_find(&c, &other), e);
	other = q;
	other.dnssec_ok = true;
	cr_assert_neq(cache_find(&c, &other), e);
	other = q;
	other.checking_disabled = true;
	cr_assert_neq(cache_find(&c, &other), e);
	cr_assert_neq(find(&c, "ww.example"), e);
	cr_assert_neq(find(&c, "."), e);
	cr_assert_eq(HASH_COUNT(c.table), 7);
	cache_free(&c);
}

Test(cache, what_was_used_longest_ago_makes_room)
{
	struct cache c;

	cache_init(&c, 3 * (sizeof(struct cached) + 1000));
	learn(&c, "a", 1000);
	learn(&c, "b", 1000);
	learn(&c, "c", 1000);
	cr_assert_eq(c.octets, c.octets_max);
	cache_use(&c, find(&c, "a"));
	learn(&c, "d", 1000);
	cr_assert(knows(&c, "a") && !knows(&c, "b") && knows(&c, "c") &&
		  knows(&c, "d"));
	/* One that is greater than others makes several go. */
	learn(&c, "e", 2000);
	cr_assert(!knows(&c, "a") && !knows(&c, "c") && knows(&c, "d") &&
		  knows(&c, "e"));
	/* And one that is greater than all goes itself. */
	learn(&c, "f", 10000);
	cr_assert_eq(HASH_COUNT(c.table), 0);
	cr_assert_eq(c.octets, 0);
	cache_free(&c);
}

Test(cache, what_is_in_flight_stays)
{
	struct cache c;
	struct cached *a, *b;

	cache_init(&c, 2000);
	a = find(&c, "a");
	cache_fly(&c, a);
	b = find(&c, "b");
	b->image = NULL;
	cache_fly(&c, b);
	cache_resize(&c, 0);
	cr_assert_eq(find(&c, "a"), a);
	cr_assert_eq(find(&c, "b"), b);
	learn(&c, "c", 100);
	cr_assert_eq(HASH_COUNT(c.table), 2);
	cr_assert_eq(find(&c, "a"), a);
	/* Nothing is kept: it goes as it lands. */
	cache_land(&c, a);
	cr_assert_eq(HASH_COUNT(c.table), 1);
	cache_resize(&c, 2000);
	cache_land(&c, b);
	cr_assert_eq(find(&c, "b"), b);
	cr_assert_eq(HASH_COUNT(c.table), 1);
	cache_free(&c);
}

/* Random work beside the plainest model of it: what is there, in the order of use. */
Test(cache, is_what_a_list_would_be)
{
	enum { NAMES = 40, STEPS = 20000, SIZE = 500 };
	struct rng rng = {.state = 7};
	struct cache c;

	cache_init(&c, 10 * (sizeof(struct cached) + SIZE));
	for (int step = 0; step < STEPS; step++) {
		char name[8];
		struct cached *e;
		size_t octets = 0, n = 0;

		snprintf(name, sizeof(name), "n%u", rng_below(&rng, NAMES));
		if (rng_below(&rng, 3) == 0) {
			if (knows(&c, name))
				cache_use(&c, find(&c, name));
		} else {
			learn(&c, name, SIZE - rng_below(&rng, 200));
			cr_assert_eq(c.newest, find(&c, name));
		}
		for (e = c.newest; e != NULL; e = e->older, n++) {
			cr_assert_eq(e->older == NULL ? c.oldest : e->older->newer, e);
			octets += sizeof(*e) + image_size(e->image);
		}
		cr_assert_eq(octets, c.octets);
		cr_assert_leq(octets, c.octets_max);
		cr_assert_eq(n, HASH_COUNT(c.table));
	}
	cache_free(&c);
}
