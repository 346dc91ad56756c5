/* SPDX-License-Identifier: MIT */
#include "zone/lease.h"

#include <stdlib.h>

#include "held.h"
#include "rng.h"
#include "test.h"

enum { MANY = (1 << LEASE_CHUNK_BITS) + 1000 };

struct leases {
	struct lease_table table;
	struct grace grace;
};

static struct leases *leases_new(void)
{
	struct leases *l = malloc(sizeof(*l));

	grace_init(&l->grace);
	lease_table_init(&l->table);
	return l;
}

static void leases_free(struct leases *l)
{
	grace_free(&l->grace);
	lease_table_free(&l->table);
	free(l);
}

/* An epoch that has something to wait for. */
static uint64_t flush(struct leases *l)
{
	grace_retire(&l->grace, calloc(1, sizeof(struct retired)));
	return grace_flush(&l->grace);
}

Test(lease, slot_0_never_ends)
{
	struct leases *l = leases_new();

	cr_assert_eq(lease_end_ms(&l->table, 0), INT64_MAX);
	for (int i = 0; i < 100; i++)
		cr_assert_neq(lease_alloc(&l->table, &l->grace, 5), 0);
	cr_assert_eq(lease_end_ms(&l->table, 0), INT64_MAX);
	leases_free(l);
}

Test(lease, slots_keep_their_own_ends_beyond_a_chunk)
{
	struct leases *l = leases_new();
	uint32_t *slot = malloc(MANY * sizeof(*slot));
	char *seen = calloc(MANY + 1, 1);

	for (int i = 0; i < MANY; i++) {
		slot[i] = lease_alloc(&l->table, &l->grace, i);
		cr_assert_leq(slot[i], MANY);
		cr_assert_eq(seen[slot[i]]++, 0, "slot %u twice", slot[i]);
	}
	for (int i = 0; i < MANY; i += 3)
		lease_set(&l->table, slot[i], -i);
	for (int i = 0; i < MANY; i++)
		cr_assert_eq(lease_end_ms(&l->table, slot[i]), i % 3 == 0 ? -i : i);
	free(seen);
	free(slot);
	leases_free(l);
}

Test(lease, a_slot_is_used_again_only_after_grace)
{
	struct leases *l = leases_new();
	struct held h;
	uint32_t slot;
	uint64_t epoch;

	held_start(&h);
	slot = lease_alloc(&l->table, &l->grace, 1000);
	epoch = flush(l);
	lease_release(&l->table, slot, epoch);
	for (int i = 0; i < 1000; i++)
		cr_assert_neq(lease_alloc(&l->table, &l->grace, 2000), slot);
	held_do(&h, reader_offline);
	wait_for_epoch(&l->grace, epoch);
	cr_assert_eq(lease_alloc(&l->table, &l->grace, 3000), slot);
	cr_assert_eq(lease_end_ms(&l->table, slot), 3000);
	held_do(&h, reader_online);
	held_stop(&h);
	leases_free(l);
}

/* What is still released in an order of epochs comes back in that order. */
Test(lease, later_epochs_wait_longer)
{
	struct leases *l = leases_new();
	struct held h;
	uint32_t first = lease_alloc(&l->table, &l->grace, 1);
	uint32_t second = lease_alloc(&l->table, &l->grace, 1);
	uint64_t epoch = flush(l);

	lease_release(&l->table, first, epoch);
	wait_for_epoch(&l->grace, epoch);
	held_start(&h);
	lease_release(&l->table, second, flush(l));
	cr_assert_eq(lease_alloc(&l->table, &l->grace, 2), first);
	cr_assert_neq(lease_alloc(&l->table, &l->grace, 2), second);
	held_stop(&h);
	leases_free(l);
}

/* A million turns of a thousand slots: none is given twice, and no more are made than needed. */
Test(lease, slots_go_round)
{
	enum { LIVE = 1000, TURNS = 300, EACH = 500 };
	struct leases *l = leases_new();
	struct rng r = {31};
	uint32_t slot[LIVE];
	char *taken = calloc(1 << LEASE_CHUNK_BITS, 1);

	for (int i = 0; i < LIVE; i++) {
		slot[i] = lease_alloc(&l->table, &l->grace, i);
		taken[slot[i]] = 1;
	}
	for (int turn = 0; turn < TURNS; turn++) {
		uint32_t leaving[EACH];
		uint64_t epoch;

		for (int i = 0; i < EACH; i++) {
			uint32_t at = rng_below(&r, LIVE);

			leaving[i] = slot[at];
			slot[at] = lease_alloc(&l->table, &l->grace, turn);
			cr_assert_eq(taken[slot[at]], 0, "slot %u twice", slot[at]);
			taken[slot[at]] = 1;
		}
		epoch = flush(l);
		for (int i = 0; i < EACH; i++) {
			lease_release(&l->table, leaving[i], epoch);
			taken[leaving[i]] = 0;
		}
		if (turn % 10 == 9)
			wait_for_epoch(&l->grace, epoch);
	}
	cr_assert_leq(l->table.n, LIVE + 1 + 20 * EACH, "%u slots", l->table.n);
	cr_assert_leq(l->table.cap_limbo, 64 * EACH);
	free(taken);
	leases_free(l);
}
