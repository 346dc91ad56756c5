/* SPDX-License-Identifier: MIT */
#include "model/delta.h"

#include "make.h"
#include "test.h"

Test(delta, new_ones_are_zeroed_and_keep_their_order)
{
	struct delta_batch b = {.revision = 7};

	for (unsigned i = 0; i < 100; i++) {
		struct delta *d = delta_batch_add(&b, DELTA_SERVICE_DELETE);

		cr_assert_eq(d->type, DELTA_SERVICE_DELETE);
		cr_assert_str_eq(d->id, "");
		cr_assert_null(d->key.instance_id);
		cr_assert_eq(d->key.lease_end_ms, 0);
		snprintf(d->id, sizeof(d->id), "srv-%u", i);
	}
	cr_assert_eq(b.n, 100);
	cr_assert_eq(b.revision, 7);
	cr_assert_str_eq(b.deltas[0].id, "srv-0");
	cr_assert_str_eq(b.deltas[99].id, "srv-99");
	delta_batch_clear(&b);
	cr_assert_eq(b.n, 0);
	cr_assert_null(b.deltas);
}

/* The leak check at a test's end tells if one of them is forgotten. */
Test(delta, clear_releases_each_type)
{
	struct delta_batch b = {0};
	struct instance *i = make_instance("i");
	struct service *s = make_service("srv-1", "ns-1", "s");
	struct operation *op = make_operation("op", 1);

	attributes_set(&i->attributes, "k", "v");
	s->health_check.resource_path = xstrdup("/");
	op->instance_id = xstrdup("i");
	delta_batch_add(&b, DELTA_NAMESPACE_PUT)->ns =
		make_namespace("ns-1", NAMESPACE_HTTP, "n");
	delta_batch_add(&b, DELTA_SERVICE_PUT)->service = s;
	delta_batch_add(&b, DELTA_INSTANCE_PUT)->instance = i;
	delta_batch_add(&b, DELTA_OPERATION_PUT)->operation = op;
	delta_batch_add(&b, DELTA_INSTANCE_DELETE)->key.instance_id = xstrdup("i");
	delta_batch_add(&b, DELTA_LEASE)->key.instance_id = xstrdup("i");
	delta_batch_add(&b, DELTA_NAMESPACE_DELETE);
	delta_batch_add(&b, DELTA_SERVICE_DELETE);
	delta_batch_clear(&b);
}

Test(delta, clear_leaves_what_was_taken_out)
{
	struct delta_batch b = {0};
	struct namespace *ns = make_namespace("ns-1", NAMESPACE_HTTP, "n");

	delta_batch_add(&b, DELTA_NAMESPACE_PUT)->ns = ns;
	b.deltas[0].ns = NULL;
	delta_batch_add(&b, DELTA_SERVICE_PUT);
	delta_batch_add(&b, DELTA_INSTANCE_PUT);
	delta_batch_add(&b, DELTA_OPERATION_PUT);
	delta_batch_clear(&b);
	cr_assert_str_eq(ns->name, "n");
	namespace_free(ns);
	delta_batch_clear(&b);
}
