/* SPDX-License-Identifier: MIT */
/* The index of a service's instances, and an instance as one block. */
#include "model/instances.h"

#include <stdlib.h>

#include "base/error.h"
#include "make.h"
#include "test.h"

enum { MANY = 3000 };

static struct instance *numbered(int n)
{
	char id[16];

	snprintf(id, sizeof(id), "i-%d", n);
	return make_instance(id);
}

Test(instances, an_empty_index_finds_nothing)
{
	struct instance_index x = {.at = NULL};

	cr_assert_null(instance_index_find(&x, ""));
	cr_assert_null(instance_index_find(&x, "i-1"));
	instance_index_free(&x);
}

/* What is in it is found, and nothing else, however it grows and shrinks. */
static void expect_all(const struct instance_index *x, struct instance *const *there)
{
	uint32_t n = 0;
	char id[16];

	for (int i = 0; i < MANY; i++) {
		snprintf(id, sizeof(id), "i-%d", i);
		cr_assert_eq(instance_index_find(x, id), there[i], "%s", id);
		n += there[i] != NULL;
	}
	cr_assert_eq(x->n, n);
	cr_assert(n == 0 ? x->cap == 0 : x->cap > n, "%u in %u", n, x->cap);
	cr_assert(n < 16 || x->cap < 4 * n + 4, "%u in %u", n, x->cap);
}

Test(instances, random_changes_leave_what_is_there_findable)
{
	static struct instance *there[MANY];
	struct instance_index x = {.at = NULL};
	uint64_t state = 5;

	for (int step = 0; step < 60000; step++) {
		int i = (int)make_random(&state, MANY);
		/* Long runs that fill it, then long runs that empty it. */
		bool adds = make_random(&state, 10) < (step / 15000 % 2 ? 1 : 8);

		if (adds && there[i] != NULL) {
			struct instance *fresh = numbered(i);

			instance_index_replace(&x, there[i], fresh);
			instance_free(there[i]);
			there[i] = fresh;
		} else if (adds) {
			there[i] = numbered(i);
			instance_index_add(&x, there[i]);
		} else if (there[i] != NULL) {
			instance_index_remove(&x, there[i]);
			instance_free(there[i]);
			there[i] = NULL;
		}
		if (step % 500 == 0)
			expect_all(&x, there);
	}
	for (int i = 0; i < MANY; i++) {
		if (there[i] == NULL)
			continue;
		instance_index_remove(&x, there[i]);
		instance_free(there[i]);
		there[i] = NULL;
	}
	expect_all(&x, there);
}

Test(instances, one_block_holds_all_texts)
{
	struct attributes a = {.block = NULL};
	struct instance *i;

	attributes_set(&a, "AWS_INSTANCE_IPV4", "10.0.0.1");
	attributes_set(&a, "k", "");
	i = instance_new("i-1", "token", &a);
	attributes_free(&a);
	cr_assert_str_eq(i->id, "i-1");
	cr_assert_str_eq(instance_creator(i), "token");
	cr_assert_str_eq(attributes_get(&i->attributes, "AWS_INSTANCE_IPV4"),
		"10.0.0.1");
	cr_assert_str_eq(attributes_get(&i->attributes, "k"), "");
	cr_assert_eq(i->attributes.n, 2);
	cr_assert_null(instance_lease(i));
	/* Changed, they leave the block, and the rest stays. */
	attributes_set(&i->attributes, "k", "v");
	cr_assert_str_eq(attributes_get(&i->attributes, "k"), "v");
	cr_assert_str_eq(instance_creator(i), "token");
	instance_free(i);
}

Test(instances, without_a_creator_its_text_is_empty)
{
	struct attributes a = {.block = NULL};
	struct instance *i;

	i = instance_new("", "", &a);
	cr_assert_str_eq(i->id, "");
	cr_assert_str_eq(instance_creator(i), "");
	instance_free(i);
	attributes_set(&a, "k", "v");
	i = instance_new("i", "", &a);
	cr_assert_str_eq(instance_creator(i), "");
	instance_free(i);
	attributes_free(&a);
}

Test(instances, a_lease_stands_around_its_instance)
{
	struct attributes a = {.block = NULL};
	struct instance *i, *copy;
	struct leased *l;

	attributes_set(&a, "CMAP_LEASE", "30s");
	attributes_set(&a, "AWS_INSTANCE_IPV6", "fd00::1");
	attributes_set(&a, "AWS_INSTANCE_PORT", "80");
	i = instance_new("i-1", "c", &a);
	attributes_free(&a);
	l = instance_lease(i);
	cr_assert_not_null(l);
	if (l != NULL) {
		cr_assert_eq(&l->instance, i);
		cr_assert(!timer_is_set(&l->timer) && !l->dirty_link);
	}
	cr_assert_eq(instance_read_attributes(i), CMAP_OK);
	i->created_ms = 7;
	i->lease_end_ms = 9;
	copy = instance_copy(i);
	instance_free(i);
	cr_assert_str_eq(copy->id, "i-1");
	cr_assert_str_eq(instance_creator(copy), "c");
	cr_assert_str_eq(attributes_get(&copy->attributes, "CMAP_LEASE"), "30s");
	cr_assert_not_null(instance_lease(copy));
	cr_assert_eq(copy->lease_ms, 30000);
	cr_assert_eq(copy->created_ms, 7);
	cr_assert_eq(copy->lease_end_ms, 9);
	cr_assert_eq(copy->port, 80);
	cr_assert(copy->has_ipv6 && !copy->has_ipv4);
	cr_assert_eq(copy->ipv6.s6_addr[15], 1);
	instance_free(copy);
}

/* There may be millions: whoever makes it larger should know. */
Test(instances, are_small)
{
	cr_assert_leq(sizeof(struct instance), 104);
	cr_assert_leq(sizeof(struct leased), 104 + 48);
}
