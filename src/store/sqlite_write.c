/* SPDX-License-Identifier: MIT */
/* From deltas to rows. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "model/pairs.h"
#include "store/sqlite_db.h"

static const char *const statements[STMT_N] = {
	/* clang-format off */
	[STMT_BEGIN] = "BEGIN IMMEDIATE",
	[STMT_COMMIT] = "COMMIT",
	[STMT_PUT_NAMESPACE] =
		"INSERT INTO namespace (id, type, name, creator_request_id, description, vpc,"
		"  soa_ttl, created_ms, operation_id, tags, updater_request_id,"
		"  update_operation_id, http_name)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (id) DO UPDATE SET type = excluded.type, name = excluded.name,"
		"  creator_request_id = excluded.creator_request_id,"
		"  description = excluded.description, vpc = excluded.vpc,"
		"  soa_ttl = excluded.soa_ttl, created_ms = excluded.created_ms,"
		"  operation_id = excluded.operation_id, tags = excluded.tags,"
		"  updater_request_id = excluded.updater_request_id,"
		"  update_operation_id = excluded.update_operation_id,"
		"  http_name = excluded.http_name",
	[STMT_DELETE_NAMESPACE] = "DELETE FROM namespace WHERE id = ?",
	[STMT_PUT_SERVICE] =
		"INSERT INTO service (id, namespace_id, name, creator_request_id, description,"
		"  http_only, routing, records, health_type, health_path, health_threshold,"
		"  custom_health, created_ms, tags, attributes)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (id) DO UPDATE SET namespace_id = excluded.namespace_id,"
		"  name = excluded.name, creator_request_id = excluded.creator_request_id,"
		"  description = excluded.description, http_only = excluded.http_only,"
		"  routing = excluded.routing, records = excluded.records,"
		"  health_type = excluded.health_type, health_path = excluded.health_path,"
		"  health_threshold = excluded.health_threshold,"
		"  custom_health = excluded.custom_health, created_ms = excluded.created_ms,"
		"  tags = excluded.tags, attributes = excluded.attributes",
	[STMT_DELETE_SERVICE] = "DELETE FROM service WHERE id = ?",
	[STMT_PUT_INSTANCE] =
		"INSERT INTO instance (service_id, id, creator_request_id, attributes,"
		"  created_ms, lease_end_ms)"
		" VALUES (?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (service_id, id) DO UPDATE SET"
		"  creator_request_id = excluded.creator_request_id,"
		"  attributes = excluded.attributes, created_ms = excluded.created_ms,"
		"  lease_end_ms = excluded.lease_end_ms, health = NULL, health_due_ms = NULL",
	[STMT_DELETE_INSTANCE] = "DELETE FROM instance WHERE service_id = ? AND id = ?",
	[STMT_PUT_HEALTH] =
		"UPDATE instance SET health = ?3, health_due_ms = ?4"
		" WHERE service_id = ?1 AND id = ?2",
	[STMT_PUT_LEASE] =
		"UPDATE instance SET lease_end_ms = ?3 WHERE service_id = ?1 AND id = ?2",
	[STMT_PUT_OPERATION] =
		"INSERT OR REPLACE INTO operation (slot, sequence, id, type, created_ms,"
		"  updated_ms, namespace_id, service_id, instance_id)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STMT_PUT_META] = "UPDATE meta SET value = ?2 WHERE key = ?1",
	/* clang-format on */
};

int sqlite_db_prepare(struct sqlite_db *db)
{
	int rc = SQLITE_OK;

	for (int i = 0; rc == SQLITE_OK && i < STMT_N; i++)
		rc = sqlite3_prepare_v3(db->handle, statements[i], -1,
			SQLITE_PREPARE_PERSISTENT, &db->stmts[i], NULL);
	return rc;
}

/* Fills the parameters of a statement from left to right; the first error stays. */
struct binder {
	sqlite3_stmt *stmt;
	int last;
	int rc;
};

static struct binder binder_of(struct sqlite_db *db, enum sqlite_stmt which)
{
	return (struct binder){.stmt = db->stmts[which]};
}

/* text, borrowed until the statement has run, or NULL. */
static void put_text(struct binder *b, const char *text)
{
	int rc = sqlite3_bind_text(b->stmt, ++b->last, text, -1, SQLITE_STATIC);

	b->rc = b->rc ? b->rc : rc;
}

static void put_taken_text(struct binder *b, char *text)
{
	int rc = sqlite3_bind_text(b->stmt, ++b->last, text, -1, free);

	b->rc = b->rc ? b->rc : rc;
}

static void put_int(struct binder *b, int64_t n)
{
	int rc = sqlite3_bind_int64(b->stmt, ++b->last, n);

	b->rc = b->rc ? b->rc : rc;
}

static void put_int_or_null(struct binder *b, bool is, int64_t n)
{
	if (is)
		put_int(b, n);
	else
		put_text(b, NULL);
}

static int run(struct binder *b)
{
	if (b->rc == SQLITE_OK) {
		b->rc = sqlite3_step(b->stmt);
		if (b->rc == SQLITE_DONE)
			b->rc = SQLITE_OK;
	}
	sqlite3_reset(b->stmt);
	return b->rc;
}

static int put_namespace(struct sqlite_db *db, const struct namespace *ns)
{
	struct binder b = binder_of(db, STMT_PUT_NAMESPACE);

	put_text(&b, ns->id);
	put_text(&b, namespace_type_name(ns->type));
	put_text(&b, ns->name);
	put_text(&b, ns->creator_request_id);
	put_text(&b, ns->description);
	put_text(&b, ns->vpc);
	put_int_or_null(&b, ns->soa_ttl >= 0, ns->soa_ttl);
	put_int(&b, ns->created_ms);
	put_text(&b, ns->operation_id);
	put_taken_text(&b, pairs_to_text(&ns->tags));
	put_text(&b, ns->updater_request_id);
	put_text(&b, ns->update_operation_id);
	put_text(&b, ns->http_name);
	return run(&b);
}

static char *records_text(const struct service *s)
{
	struct buf text = {0};

	for (uint8_t i = 0; i < s->n_records; i++)
		buf_printf(&text, "%s %" PRIu32 "\n",
			record_type_name(s->records[i].type), s->records[i].ttl);
	return buf_take(&text);
}

static int put_service(struct sqlite_db *db, const struct service *s)
{
	const struct health_check *health =
		s->has_health_check ? &s->health_check : NULL;
	struct binder b = binder_of(db, STMT_PUT_SERVICE);

	put_text(&b, s->id);
	put_text(&b, s->namespace_id);
	put_text(&b, s->name);
	put_text(&b, s->creator_request_id);
	put_text(&b, s->description);
	put_int(&b, s->http_only);
	put_text(&b, s->has_routing ? routing_policy_name(s->routing) : NULL);
	put_taken_text(&b, records_text(s));
	put_text(&b, health ? health_type_name(health->type) : NULL);
	put_text(&b, health ? health->resource_path : NULL);
	put_int_or_null(&b, health, health ? health->failure_threshold : 0);
	put_int(&b, s->has_custom_health);
	put_int(&b, s->created_ms);
	put_taken_text(&b, pairs_to_text(&s->tags));
	put_taken_text(&b, pairs_to_text(&s->attributes));
	return run(&b);
}

static int put_instance(struct sqlite_db *db, const char *service_id,
	const struct instance *i)
{
	struct binder b = binder_of(db, STMT_PUT_INSTANCE);

	put_text(&b, service_id);
	put_text(&b, i->id);
	put_text(&b, instance_creator(i));
	put_taken_text(&b, attributes_to_text(&i->attributes));
	put_int(&b, i->created_ms);
	/* lease_end_ms is by a clock that starts anew with the machine. */
	put_int_or_null(&b, i->lease_ms > 0, i->created_ms + i->lease_ms);
	return run(&b);
}

static int put_operation(struct sqlite_db *db, const struct operation *op)
{
	struct binder b = binder_of(db, STMT_PUT_OPERATION);

	put_int(&b, (int64_t)(op->sequence % db->operations));
	put_int(&b, (int64_t)op->sequence);
	put_text(&b, op->id);
	put_text(&b, operation_type_name(op->type));
	put_int(&b, op->created_ms);
	put_int(&b, op->updated_ms);
	put_text(&b, op->namespace_id);
	put_text(&b, op->service_id);
	put_text(&b, op->instance_id);
	return run(&b);
}

static int delete_by_id(struct sqlite_db *db, enum sqlite_stmt which, const char *id)
{
	struct binder b = binder_of(db, which);

	put_text(&b, id);
	return run(&b);
}

static int change_instance(struct sqlite_db *db, enum sqlite_stmt which,
	const struct delta *d)
{
	struct binder b = binder_of(db, which);

	put_text(&b, d->service_id);
	put_text(&b, d->key.instance_id);
	if (which == STMT_PUT_LEASE)
		put_int(&b, d->key.lease_end_ms);
	if (which == STMT_PUT_HEALTH) {
		put_text(&b, d->key.is_unhealthy ? "UNHEALTHY" : "HEALTHY");
		put_int_or_null(&b, d->key.due_ms != 0, d->key.due_ms);
	}
	return run(&b);
}

static int put_revision(struct sqlite_db *db, uint64_t revision)
{
	struct binder b = binder_of(db, STMT_PUT_META);

	put_text(&b, "revision");
	put_int(&b, (int64_t)revision);
	return run(&b);
}

static int write_delta(struct sqlite_db *db, const struct delta *d)
{
	switch (d->type) {
	case DELTA_NAMESPACE_PUT:
		return put_namespace(db, d->ns);
	case DELTA_NAMESPACE_DELETE:
		return delete_by_id(db, STMT_DELETE_NAMESPACE, d->id);
	case DELTA_SERVICE_PUT:
		return put_service(db, d->service);
	case DELTA_SERVICE_DELETE:
		return delete_by_id(db, STMT_DELETE_SERVICE, d->id);
	case DELTA_INSTANCE_PUT:
		return put_instance(db, d->service_id, d->instance);
	case DELTA_INSTANCE_DELETE:
		return change_instance(db, STMT_DELETE_INSTANCE, d);
	case DELTA_HEALTH:
		return change_instance(db, STMT_PUT_HEALTH, d);
	case DELTA_LEASE:
		return change_instance(db, STMT_PUT_LEASE, d);
	case DELTA_OPERATION_PUT:
		return put_operation(db, d->operation);
	}
	return SQLITE_MISUSE;
}

static int write_batches(struct sqlite_db *db, struct delta_batch *const *batches,
	size_t n)
{
	struct binder begin = binder_of(db, STMT_BEGIN),
		      commit = binder_of(db, STMT_COMMIT);
	int rc = run(&begin);

	for (size_t i = 0; rc == SQLITE_OK && i < n; i++)
		for (uint32_t k = 0; rc == SQLITE_OK && k < batches[i]->n; k++)
			rc = write_delta(db, &batches[i]->deltas[k]);
	if (rc == SQLITE_OK)
		rc = put_revision(db, batches[n - 1]->revision);
	return rc == SQLITE_OK ? run(&commit) : rc;
}

/* After these the connection is as good as before. */
static bool is_refusal(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_FULL:
	case SQLITE_CONSTRAINT:
	case SQLITE_TOOBIG:
	case SQLITE_NOMEM:
		return true;
	default:
		return false;
	}
}

int sqlite_db_write(struct sqlite_db *db, struct delta_batch *const *batches, size_t n,
	struct buf *err)
{
	int rc;

	if (!sqlite_db_in_place(db)) {
		buf_printf(err, "%s: it, or its WAL, was moved or deleted", db->path);
		return CMAP_E_SYSTEM;
	}
	rc = write_batches(db, batches, n);
	if (rc == SQLITE_OK) {
		db->revision = batches[n - 1]->revision;
		return CMAP_OK;
	}
	sqlite_db_explain(db, rc, err);
	sqlite_db_rollback(db);
	return is_refusal(rc) ? CMAP_E_INVALID : CMAP_E_SYSTEM;
}
