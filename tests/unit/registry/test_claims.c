/* SPDX-License-Identifier: MIT */
#include "registry/claims.h"

#include <stdio.h>

#include "test.h"

static struct claim_list one(char kind, const char *a, const char *b, bool exclusive)
{
	struct claim_list l = {.n = 0};

	claim_add(&l, kind, a, b, exclusive);
	return l;
}

Test(claims, only_readers_share_a_key)
{
	static const struct {
		bool held, wanted, conflict;
	} cases[] = {{false, false, false}, {false, true, true}, {true, false, true},
		{true, true, true}};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct claims c;
		struct claim_list held = one('s', "srv-1", NULL, cases[i].held);
		struct claim_list wanted = one('s', "srv-1", NULL, cases[i].wanted);

		claims_init(&c);
		claims_take(&c, &held);
		cr_assert_eq(claims_conflict(&c, &wanted), cases[i].conflict);
		claims_free(&c);
	}
}

Test(claims, other_keys_and_kinds_do_not_conflict)
{
	struct claim_list held = one('i', "srv-1", "i-1", true);
	struct claim_list other = one('i', "srv-1", "i-2", true);
	struct claim_list kind = one('s', "srv-1", "i-1", true);
	struct claims c;

	claims_init(&c);
	claims_take(&c, &held);
	cr_assert(!claims_conflict(&c, &other));
	cr_assert(!claims_conflict(&c, &kind));
	cr_assert(claims_conflict(&c, &held));
	claims_clear(&c);
	cr_assert(!claims_conflict(&c, &held));
	claims_free(&c);
}

Test(claims, a_shared_key_becomes_exclusive_and_stays_so)
{
	struct claim_list shared = one('s', "x", NULL, false);
	struct claim_list exclusive = one('s', "x", NULL, true);
	struct claims c;

	claims_init(&c);
	claims_take(&c, &exclusive);
	claims_take(&c, &shared);
	cr_assert(claims_conflict(&c, &shared));
	claims_free(&c);
}

Test(claims, thousands_are_held_at_once)
{
	struct claims c;
	char id[16];

	claims_init(&c);
	for (int i = 0; i < 5000; i++) {
		struct claim_list l;

		snprintf(id, sizeof(id), "i-%d", i);
		l = one('i', "srv-1", id, true);
		claims_take(&c, &l);
	}
	for (int i = 0; i < 5000; i++) {
		struct claim_list l;

		snprintf(id, sizeof(id), "i-%d", i);
		l = one('i', "srv-1", id, false);
		cr_assert(claims_conflict(&c, &l), "%s is held", id);
	}
	claims_free(&c);
}
