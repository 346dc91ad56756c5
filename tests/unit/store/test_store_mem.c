/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "fixture.h"

/* Steps until there is nothing to deliver; how many events came. */
static uint32_t steps(struct fixture *f)
{
	uint32_t before = f->n_seen;

	while (store_mem_step(f->store))
		;
	return f->n_seen - before;
}

static void restart(struct fixture *f, struct store_mem_disk *disk)
{
	fixture_close(f);
	fixture_forget(f);
	fixture_watch(f, store_mem_open(disk));
}

Test(store_mem, what_was_committed_is_loaded_after_a_restart)
{
	struct fixture f;
	struct store_mem_disk *disk = store_mem_disk_new();
	struct delta_batch b = {.revision = 1}, change = {.revision = 2};
	struct instance *i;
	char *expected;

	fixture_init(&f);
	fixture_watch(&f, store_mem_open(disk));
	add_parents(&b);
	add_operation(&b, 3);
	i = add_instance(&b, "srv-1", "leased");
	attributes_set(&i->attributes, "CMAP_LEASE", "30s");
	i->lease_ms = 30000;
	i->lease_end_ms = 77; /* by another clock */
	add_instance(&b, "srv-1", "gone");
	store_commit(f.store, &b);
	cr_assert_eq(f.n_seen, 0, "an event came before its step");
	cr_assert_eq(steps(&f), 1);
	cr_assert_eq(f.seen[0].type, STORE_APPLIED);
	cr_assert_eq(f.seen[0].batch, &b);
	cr_assert_eq(store_mem_commits(f.store), 1);
	delta_batch_clear(&b);

	add_delete_instance(&change, "srv-1", "gone");
	add_namespace(&change, "ns-1")->soa_ttl = 4;
	store_commit(f.store, &change);
	cr_assert_eq(steps(&f), 1);
	delta_batch_clear(&change);

	restart(&f, disk);
	store_load(f.store);
	cr_assert_eq(steps(&f), 1);
	cr_assert_eq(f.seen[0].revision, 2);
	cr_assert(f.seen[0].last);
	add_parents(&b);
	b.deltas[0].ns->soa_ttl = 4;
	i = add_instance(&b, "srv-1", "leased");
	attributes_set(&i->attributes, "CMAP_LEASE", "30s");
	i->lease_ms = 30000;
	i->lease_end_ms = i->created_ms + 30000;
	add_operation(&b, 3);
	expected = describe_batch(&b);
	cr_assert_str_eq(buf_text(&f.loaded), expected);
	delta_batch_clear(&b);
	free(expected);

	add_lease(&b, "srv-1", "leased", 5);
	store_commit(f.store, &b);
	steps(&f);
	delta_batch_clear(&b);
	restart(&f, disk);
	store_load(f.store);
	steps(&f);
	cr_assert_not_null(strstr(buf_text(&f.loaded), "lease=30000 until 5\n"));
	fixture_free(&f);
	store_mem_disk_free(disk);
}

Test(store_mem, a_refused_batch_leaves_nothing)
{
	struct fixture f;
	struct store_mem_disk *disk = store_mem_disk_new();
	struct delta_batch b = {.revision = 1}, orphan = {.revision = 1};

	fixture_init(&f);
	fixture_watch(&f, store_mem_open(disk));
	add_parents(&b);
	store_mem_set_fault(f.store, STORE_MEM_REFUSES);
	store_commit(f.store, &b);
	cr_assert_eq(steps(&f), 1);
	cr_assert_eq(f.seen[0].type, STORE_REFUSED);
	cr_assert_eq(f.seen[0].batch, &b);
	cr_assert_not_null(f.seen[0].reason);

	store_mem_set_fault(f.store, STORE_MEM_WORKS);
	add_namespace(&orphan, "ns-2");
	add_service(&orphan, "srv-2", "ns-1");
	store_commit(f.store, &orphan);
	cr_assert_eq(steps(&f), 1);
	cr_assert_eq(f.seen[1].type, STORE_REFUSED);
	cr_assert_eq(store_mem_commits(f.store), 0);
	delta_batch_clear(&orphan);

	store_load(f.store);
	cr_assert_eq(steps(&f), 1);
	cr_assert_str_eq(buf_text(&f.loaded), "");
	store_commit(f.store, &b);
	cr_assert_eq(steps(&f), 1);
	cr_assert_eq(f.seen[3].type, STORE_APPLIED);
	delta_batch_clear(&b);
	fixture_free(&f);
	store_mem_disk_free(disk);
}

Test(store_mem, a_disk_that_hangs_answers_when_it_goes_on)
{
	struct fixture f;
	struct store_mem_disk *disk = store_mem_disk_new();
	struct delta_batch b[2] = {{.revision = 1}, {.revision = 2}};

	fixture_init(&f);
	fixture_watch(&f, store_mem_open(disk));
	add_parents(&b[0]);
	add_instance(&b[1], "srv-1", "i");
	store_mem_set_fault(f.store, STORE_MEM_HANGS);
	store_commit(f.store, &b[0]);
	store_commit(f.store, &b[1]);
	store_load(f.store);
	cr_assert_eq(steps(&f), 0);
	cr_assert_eq(store_mem_commits(f.store), 0);
	store_mem_set_fault(f.store, STORE_MEM_WORKS);
	cr_assert(store_mem_step(f.store));
	cr_assert_eq(f.n_seen, 1);
	cr_assert_eq(f.seen[0].batch, &b[0]);
	cr_assert_eq(store_mem_commits(f.store), 1);
	cr_assert_eq(steps(&f), 2);
	cr_assert_eq(f.seen[1].batch, &b[1]);
	cr_assert_eq(f.seen[2].n, 3);
	delta_batch_clear(&b[0]);
	delta_batch_clear(&b[1]);
	fixture_free(&f);
	store_mem_disk_free(disk);
}

Test(store_mem, close_finishes_what_is_under_way_unless_the_disk_hangs)
{
	struct fixture f;
	struct store_mem_disk *disk = store_mem_disk_new();
	struct delta_batch b = {.revision = 1}, lost = {.revision = 2};

	fixture_init(&f);
	fixture_watch(&f, store_mem_open(disk));
	add_parents(&b);
	store_commit(f.store, &b);
	store_load(f.store);
	restart(&f, disk);
	cr_assert_eq(store_mem_commits(f.store), 1);
	store_mem_set_fault(f.store, STORE_MEM_HANGS);
	add_instance(&lost, "srv-1", "i");
	store_commit(f.store, &lost);
	restart(&f, disk);
	cr_assert_eq(store_mem_commits(f.store), 1);
	delta_batch_clear(&b);
	delta_batch_clear(&lost);
	fixture_free(&f);
	store_mem_disk_free(disk);
}

Test(store_mem, a_load_comes_in_batches_with_the_last_one_marked)
{
	struct fixture f;
	struct store_mem_disk *disk = store_mem_disk_new();
	struct delta_batch b = {.revision = 9};

	fixture_init(&f);
	fixture_watch(&f, store_mem_open(disk));
	for (uint64_t i = 0; i < STORE_LOAD_MAX + 1; i++)
		add_operation(&b, i);
	store_commit(f.store, &b);
	steps(&f);
	delta_batch_clear(&b);
	restart(&f, disk);
	store_load(f.store);
	cr_assert_eq(steps(&f), 2);
	cr_assert_eq(f.seen[0].n, STORE_LOAD_MAX);
	cr_assert_not(f.seen[0].last);
	cr_assert_eq(f.seen[1].n, 1);
	cr_assert(f.seen[1].last);
	cr_assert_eq(f.seen[1].revision, 9);

	/* What was on its way when the store is closed is not leaked. */
	store_load(f.store);
	store_mem_step(f.store);
	fixture_free(&f);
	store_mem_disk_free(disk);
}
