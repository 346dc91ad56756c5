/* SPDX-License-Identifier: MIT */
/* What putting and deleting does to the indexes; at the end, against a mirror at random. */
#include <stdlib.h>

#include "base/error.h"
#include "make.h"
#include "test.h"

Test(model_change, a_replaced_namespace_keeps_its_services)
{
	struct model m;
	struct namespace *old, *fresh;
	struct service *s;

	model_init(&m, 1);
	old = make_namespace("ns-1", NAMESPACE_DNS_PRIVATE, "local");
	s = make_service("srv-1", "ns-1", "api");
	model_put_namespace(&m, old);
	cr_assert_eq(model_put_service(&m, s), CMAP_OK);
	fresh = make_namespace("ns-1", NAMESPACE_DNS_PRIVATE, "local");
	fresh->description = xstrdup("new");
	model_put_namespace(&m, fresh);
	cr_assert_eq(model_namespace(&m, "ns-1"), fresh);
	cr_assert_eq(model_namespace_by_name(&m, "local"), fresh);
	cr_assert_eq(model_namespace_by_dns(&m, "local"), fresh);
	cr_assert_eq(model_service_by_name(fresh, "api"), s);
	cr_assert_eq(s->ns, fresh);
	model_free(&m);
}

Test(model_change, a_renamed_namespace_is_found_by_its_new_name_only)
{
	struct model m;
	struct namespace *fresh;

	model_init(&m, 1);
	model_put_namespace(&m, make_namespace("ns-1", NAMESPACE_DNS_PRIVATE, "a"));
	model_put_namespace(&m, make_namespace("ns-2", NAMESPACE_DNS_PRIVATE, "b"));
	fresh = make_namespace("ns-1", NAMESPACE_DNS_PRIVATE, "c");
	model_put_namespace(&m, fresh);
	cr_assert_null(model_namespace_by_name(&m, "a"));
	cr_assert_null(model_namespace_by_dns(&m, "a"));
	cr_assert_eq(model_namespace_by_name(&m, "c"), fresh);
	cr_assert_eq(model_namespace_by_dns(&m, "c"), fresh);
	cr_assert_eq(m.namespaces, fresh, "still the first");
	model_free(&m);
}

Test(model_change, a_replaced_service_keeps_its_instances)
{
	struct model m;
	struct service *old, *fresh;
	struct instance *i;
	struct namespace *ns = make_namespace("ns-1", NAMESPACE_DNS_PRIVATE, "local");

	model_init(&m, 1);
	old = make_service("srv-1", "ns-1", "api");
	i = make_instance("i-1");
	model_put_namespace(&m, ns);
	cr_assert_eq(model_put_service(&m, old), CMAP_OK);
	old->instances_revision = 5;
	old->lease_owner = &m;
	model_put_instance(&m, old, i);
	fresh = make_service("srv-1", "ns-1", "API");
	cr_assert_eq(model_put_service(&m, fresh), CMAP_OK);
	cr_assert_eq(model_service(&m, "srv-1"), fresh);
	cr_assert_eq(model_service_by_name(ns, "api"), fresh);
	cr_assert_eq(model_instance(fresh, "i-1"), i);
	cr_assert_eq(i->service, fresh);
	cr_assert_eq(fresh->instances_revision, 5);
	cr_assert_eq(fresh->lease_owner, &m);
	fresh = make_service("srv-1", "ns-1", "api");
	fresh->instances_revision = 6;
	cr_assert_eq(model_put_service(&m, fresh), CMAP_OK);
	cr_assert_eq(fresh->instances_revision, 6);
	cr_assert_eq(m.n_instances, 1);
	model_free(&m);
}

Test(model_change, a_service_can_move_and_be_renamed)
{
	struct model m;
	struct service *fresh;

	model_init(&m, 1);
	model_put_namespace(&m, make_namespace("ns-1", NAMESPACE_DNS_PRIVATE, "one"));
	model_put_namespace(&m, make_namespace("ns-2", NAMESPACE_DNS_PRIVATE, "two"));
	cr_assert_eq(model_put_service(&m, make_service("srv-1", "ns-1", "a")),
		CMAP_OK);
	fresh = make_service("srv-1", "ns-2", "a");
	cr_assert_eq(model_put_service(&m, fresh), CMAP_OK);
	cr_assert_eq(model_service_count(model_namespace(&m, "ns-1")), 0);
	cr_assert_eq(model_service_by_name(model_namespace(&m, "ns-2"), "a"), fresh);
	fresh = make_service("srv-1", "ns-2", "b");
	cr_assert_eq(model_put_service(&m, fresh), CMAP_OK);
	cr_assert_null(model_service_by_name(model_namespace(&m, "ns-2"), "a"));
	cr_assert_eq(model_service_by_name(model_namespace(&m, "ns-2"), "b"), fresh);
	model_free(&m);
}

Test(model_change, a_replaced_instance_keeps_its_lease_slot)
{
	struct model m;
	struct instance *old, *fresh;
	struct service *s = make_service("srv-1", "ns-1", "s");

	model_init(&m, 1);
	model_put_namespace(&m, make_namespace("ns-1", NAMESPACE_HTTP, "n"));
	cr_assert_eq(model_put_service(&m, s), CMAP_OK);
	old = make_instance("i-1");
	old->lease_ms = 1000;
	old->lease_end_ms = 5000;
	model_put_instance(&m, s, old);
	cr_assert_eq(old->lease_end_ms, 5000);
	cr_assert_eq(m.n_leased, 1);
	old->lease_slot = 17;
	fresh = make_instance("i-1");
	model_put_instance(&m, s, fresh);
	cr_assert_eq(fresh->lease_slot, 17);
	cr_assert_eq(fresh->lease_end_ms, MODEL_LEASE_NONE);
	cr_assert_eq(m.n_instances, 1);
	cr_assert_eq(m.n_leased, 0);
	model_delete_instance(&m, fresh);
	cr_assert_eq(m.n_instances, 0);
	model_free(&m);
}

Test(model_change, orphans_stay_with_the_caller)
{
	struct model m;
	struct service *s = make_service("srv-1", "ns-1", "s");

	model_init(&m, 1);
	cr_assert_eq(model_put_service(&m, s), CMAP_E_NOT_FOUND);
	cr_assert_null(model_service(&m, "srv-1"));
	service_free(s);
	model_free(&m);
}

Test(model_change, the_ring_keeps_the_last_operations)
{
	struct model m;
	char id[24];

	model_init(&m, 8);
	for (uint64_t n = 0; n < 100; n++) {
		snprintf(id, sizeof(id), "op-%d", (int)n);
		cr_assert_eq(m.next_sequence, n);
		model_put_operation(&m, make_operation(id, n));
		cr_assert_eq(HASH_CNT(by_id, m.operations), n < 8 ? n + 1 : 8);
		for (uint64_t k = 0; k <= n; k++) {
			struct operation *op;

			snprintf(id, sizeof(id), "op-%d", (int)k);
			op = model_operation(&m, id);
			cr_assert_eq(op != NULL, k + 8 > n, "op-%d after %d", (int)k,
				(int)n);
			cr_assert(!op || m.ring[k % 8] == op);
		}
	}
	model_free(&m);
}

/* What a ring of 10 wrote comes, in the order of its rows, into one of 4. */
Test(model_change, a_smaller_ring_keeps_the_newest)
{
	static const uint64_t rows[] = {20, 21, 22, 13, 14, 15, 16, 17, 18, 19};
	struct model m;
	char id[24];

	model_init(&m, 4);
	for (size_t i = 0; i < CMAP_COUNT(rows); i++) {
		snprintf(id, sizeof(id), "op-%d", (int)rows[i]);
		model_put_operation(&m, make_operation(id, rows[i]));
	}
	cr_assert_eq(m.next_sequence, 23);
	cr_assert_eq(HASH_CNT(by_id, m.operations), 4);
	for (uint64_t n = 19; n < 23; n++) {
		snprintf(id, sizeof(id), "op-%d", (int)n);
		cr_assert_eq(model_operation(&m, id), m.ring[n % 4]);
		cr_assert_eq(m.ring[n % 4]->sequence, n);
	}
	model_free(&m);
}

Test(model_change, an_operation_of_the_same_id_is_dropped)
{
	struct model m;
	struct operation *second = make_operation("op", 1),
			 *third = make_operation("op", 5);

	model_init(&m, 4);
	model_put_operation(&m, make_operation("op", 0));
	model_put_operation(&m, second);
	cr_assert_eq(model_operation(&m, "op"), second);
	cr_assert_null(m.ring[0]);
	model_put_operation(&m, third);
	cr_assert_eq(model_operation(&m, "op"), third);
	cr_assert_eq(m.ring[1], third);
	cr_assert_eq(HASH_CNT(by_id, m.operations), 1);
	model_free(&m);
}

/*
 * The mirror: rows of plain arrays, in the order first put. version goes into created_ms.
 */
#define NAMESPACES 5
#define SERVICES   12
#define INSTANCES  40

struct row {
	int number; /* makes the id and the name */
	int parent; /* number of the namespace or service */
	int version;
	bool leased;
};

struct rows {
	struct row row[INSTANCES];
	int n;
};

struct mirror {
	struct rows namespaces, services, instances;
	int version;
};

static struct row *rows_find(struct rows *r, int number)
{
	for (int i = 0; i < r->n; i++)
		if (r->row[i].number == number)
			return &r->row[i];
	return NULL;
}

static struct row *rows_put(struct rows *r, int number)
{
	struct row *row = rows_find(r, number);

	if (!row) {
		row = &r->row[r->n++];
		row->number = number;
	}
	return row;
}

static void rows_delete(struct rows *r, int number)
{
	struct row *row = rows_find(r, number);
	size_t behind = (size_t)(&r->row[--r->n] - row);

	memmove(row, row + 1, behind * sizeof(*row));
}

static int rows_children(const struct rows *r, int parent)
{
	int n = 0;

	for (int i = 0; i < r->n; i++)
		n += r->row[i].parent == parent;
	return n;
}

static const char *text(const char *prefix, int number)
{
	static char rooms[4][24];
	static unsigned next;
	char *room = rooms[next++ % 4];

	snprintf(room, sizeof(rooms[0]), "%s%d", prefix, number);
	return room;
}

static void put_namespace(struct model *m, struct mirror *mi, int number)
{
	struct namespace *ns = make_namespace(text("ns-", number),
		number % 2 ? NAMESPACE_HTTP : NAMESPACE_DNS_PRIVATE,
		text("Name", number));

	ns->created_ms = rows_put(&mi->namespaces, number)->version = ++mi->version;
	model_put_namespace(m, ns);
}

static void put_service(struct model *m, struct mirror *mi, int number)
{
	int parent = number % NAMESPACES;
	struct service *s = make_service(text("srv-", number), text("ns-", parent),
		text("Service", number));
	struct row *row;

	if (!rows_find(&mi->namespaces, parent)) {
		cr_assert_eq(model_put_service(m, s), CMAP_E_NOT_FOUND);
		service_free(s);
		return;
	}
	row = rows_put(&mi->services, number);
	row->parent = parent;
	s->created_ms = row->version = ++mi->version;
	cr_assert_eq(model_put_service(m, s), CMAP_OK);
}

static void put_instance(struct model *m, struct mirror *mi, int number, bool leased)
{
	int parent = number % SERVICES;
	struct instance *i;
	struct row *row;

	if (!rows_find(&mi->services, parent))
		return;
	i = make_instance(text("i-", number));
	i->lease_ms = leased ? 1000 : 0;
	row = rows_put(&mi->instances, number);
	row->parent = parent;
	row->leased = leased;
	i->created_ms = row->version = ++mi->version;
	model_put_instance(m, model_service(m, text("srv-", parent)), i);
}

static void delete_any(struct model *m, struct mirror *mi, uint64_t *state)
{
	int number = (int)make_random(state, INSTANCES);

	if (rows_find(&mi->instances, number)) {
		model_delete_instance(m,
			model_instance(model_service(m,
					       text("srv-", number % SERVICES)),
				text("i-", number)));
		rows_delete(&mi->instances, number);
	}
	number = (int)make_random(state, SERVICES);
	if (rows_find(&mi->services, number) &&
		!rows_children(&mi->instances, number)) {
		model_delete_service(m, model_service(m, text("srv-", number)));
		rows_delete(&mi->services, number);
	}
	number = (int)make_random(state, NAMESPACES);
	if (rows_find(&mi->namespaces, number) &&
		!rows_children(&mi->services, number)) {
		model_delete_namespace(m, model_namespace(m, text("ns-", number)));
		rows_delete(&mi->namespaces, number);
	}
}

static void compare_namespaces(const struct model *m, struct mirror *mi)
{
	struct namespace *ns = m->namespaces;

	cr_assert_eq((int)HASH_CNT(by_id, m->namespaces), mi->namespaces.n);
	cr_assert_eq((int)HASH_CNT(by_name, m->namespaces_by_name), mi->namespaces.n);
	for (int i = 0; i < mi->namespaces.n; i++, ns = ns->by_id.next) {
		const struct row *row = &mi->namespaces.row[i];
		struct service *child = ns->services;

		cr_assert_str_eq(ns->id, text("ns-", row->number));
		cr_assert_eq(ns->created_ms, row->version);
		cr_assert_eq(model_namespace_by_name(m, text("Name", row->number)), ns);
		cr_assert_eq(model_namespace_by_dns(m, text("NAME", row->number)),
			row->number % 2 ? NULL : ns);
		cr_assert_eq((int)model_service_count(ns),
			rows_children(&mi->services, row->number));
		for (int k = 0; k < mi->services.n; k++) {
			if (mi->services.row[k].parent != row->number)
				continue;
			cr_assert_str_eq(child->id,
				text("srv-", mi->services.row[k].number));
			child = child->by_key.next;
		}
		cr_assert_null(child);
	}
}

static void compare_services(const struct model *m, struct mirror *mi)
{
	struct service *s = m->services;

	cr_assert_eq((int)HASH_CNT(by_id, m->services), mi->services.n);
	for (int i = 0; i < mi->services.n; i++, s = s->by_id.next) {
		const struct row *row = &mi->services.row[i];
		struct instance *child = s->instances;

		cr_assert_str_eq(s->id, text("srv-", row->number));
		cr_assert_eq(s->created_ms, row->version);
		cr_assert_eq(s->ns, model_namespace(m, text("ns-", row->parent)));
		cr_assert_eq(model_service_by_name(s->ns, text("Service", row->number)),
			s);
		cr_assert_eq((int)model_instance_count(s),
			rows_children(&mi->instances, row->number));
		for (int k = 0; k < mi->instances.n; k++) {
			if (mi->instances.row[k].parent != row->number)
				continue;
			cr_assert_str_eq(child->id,
				text("i-", mi->instances.row[k].number));
			child = child->by_id.next;
		}
		cr_assert_null(child);
	}
}

static void compare_instances(const struct model *m, struct mirror *mi)
{
	uint64_t leased = 0;

	for (int i = 0; i < mi->instances.n; i++) {
		const struct row *row = &mi->instances.row[i];
		struct service *s = model_service(m, text("srv-", row->parent));
		struct instance *in = model_instance(s, text("i-", row->number));

		cr_assert_eq(in->created_ms, row->version);
		cr_assert_eq(in->service, s);
		leased += row->leased;
	}
	cr_assert_eq((int)m->n_instances, mi->instances.n);
	cr_assert_eq(m->n_leased, leased);
}

Test(model_change, random_changes_agree_with_a_mirror)
{
	struct model m;
	struct mirror mi = {0};
	uint64_t state = 11;

	model_init(&m, 1);
	for (int step = 0; step < 6000; step++) {
		/* Long runs that fill it, then long runs that empty it. */
		uint32_t deletes = step / 500 % 2 ? 8 : 2;
		uint32_t what = make_random(&state, 10);

		if (what < deletes)
			delete_any(&m, &mi, &state);
		else if (make_random(&state, 10) == 0)
			put_namespace(&m, &mi, (int)make_random(&state, NAMESPACES));
		else if (make_random(&state, 4) == 0)
			put_service(&m, &mi, (int)make_random(&state, SERVICES));
		else
			put_instance(&m, &mi, (int)make_random(&state, INSTANCES),
				make_random(&state, 2));
		compare_namespaces(&m, &mi);
		compare_services(&m, &mi);
		compare_instances(&m, &mi);
	}
	cr_assert_gt(mi.version, 1500, "the run has put enough");
	model_free(&m);
}
