/* SPDX-License-Identifier: MIT */
/*
 * From rows to deltas. A file can be damaged, or edited by hand: what cannot be
 * understood ends the load, because nothing may be lost silently.
 */
#include "store/sqlite_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "model/pairs.h"

/* What has been read already, and can be a parent. */
struct sqlite_parent {
	char id[MODEL_ID_TEXT];
	UT_hash_handle by_id;
};

static void refuse(struct sqlite_row *r, const char *problem)
{
	if (r->problem)
		return;
	r->problem = problem;
	r->bad_column = r->last;
}

/*
 * Borrowed until the next row. The type comes first: asking for text would change it.
 */
static const char *get_borrowed(struct sqlite_row *r)
{
	int type = sqlite3_column_type(r->stmt, ++r->last);
	const char *text = (const char *)sqlite3_column_text(r->stmt, r->last);

	if (type != SQLITE_TEXT || !text ||
		strlen(text) != (size_t)sqlite3_column_bytes(r->stmt, r->last)) {
		refuse(r, "is no text");
		return "";
	}
	return text;
}

static bool next_is_null(const struct sqlite_row *r)
{
	return sqlite3_column_type(r->stmt, r->last + 1) == SQLITE_NULL;
}

static char *get_text(struct sqlite_row *r)
{
	return xstrdup(get_borrowed(r));
}

static char *get_text_or_null(struct sqlite_row *r)
{
	if (!next_is_null(r))
		return get_text(r);
	r->last++;
	return NULL;
}

static void get_id(struct sqlite_row *r, char *out, size_t size)
{
	const char *id = get_borrowed(r);
	size_t len = strlen(id);

	if (len < size)
		memcpy(out, id, len + 1);
	else
		refuse(r, "is too long");
}

static int64_t get_int(struct sqlite_row *r, int64_t min, int64_t max)
{
	int type = sqlite3_column_type(r->stmt, ++r->last);
	int64_t n = sqlite3_column_int64(r->stmt, r->last);

	if (type != SQLITE_INTEGER)
		refuse(r, "is no number");
	else if (n < min || n > max)
		refuse(r, "is out of range");
	return n;
}

/* absent stands for NULL. */
static int64_t get_int_or(struct sqlite_row *r, int64_t absent, int64_t min,
	int64_t max)
{
	if (!next_is_null(r))
		return get_int(r, min, max);
	r->last++;
	return absent;
}

static bool get_bool(struct sqlite_row *r)
{
	return get_int(r, 0, 1) == 1;
}

static void add_parent(struct sqlite_parent **parents, const char *id)
{
	struct sqlite_parent *p = xcalloc(1, sizeof(*p));

	memcpy(p->id, id, strlen(id) + 1);
	HASH_ADD_KEYPTR(by_id, *parents, p->id, strlen(p->id), p);
}

static void free_parents(struct sqlite_parent **parents)
{
	struct sqlite_parent *p, *next;

	HASH_ITER (by_id, *parents, p, next) {
		HASH_DELETE(by_id, *parents, p);
		free(p);
	}
}

static void get_parent(struct sqlite_row *r, struct sqlite_parent *parents, char *id,
	const char *problem)
{
	struct sqlite_parent *p;

	get_id(r, id, MODEL_ID_TEXT);
	HASH_FIND(by_id, parents, id, strlen(id), p);
	if (!p)
		refuse(r, problem);
}

static void get_pairs(struct sqlite_row *r, struct attributes *out)
{
	if (pairs_from_text(out, get_borrowed(r)) != CMAP_OK)
		refuse(r, "is not made of lines of a key, each once, a tab and its "
			  "value");
}

static void read_namespace(struct sqlite_row *r, struct delta_batch *batch)
{
	struct namespace *ns = xcalloc(1, sizeof(*ns));

	delta_batch_add(batch, DELTA_NAMESPACE_PUT)->ns = ns;
	get_id(r, ns->id, sizeof(ns->id));
	if (namespace_type_from_name(get_borrowed(r), &ns->type) != CMAP_OK)
		refuse(r, "is no type of a namespace");
	ns->name = get_text(r);
	ns->creator_request_id = get_text(r);
	ns->description = get_text_or_null(r);
	ns->vpc = get_text_or_null(r);
	ns->soa_ttl = get_int_or(r, -1, 0, INT32_MAX);
	ns->created_ms = get_int(r, INT64_MIN, INT64_MAX);
	get_id(r, ns->operation_id, sizeof(ns->operation_id));
	get_pairs(r, &ns->tags);
	ns->updater_request_id = get_text_or_null(r);
	get_id(r, ns->update_operation_id, sizeof(ns->update_operation_id));
	ns->http_name = get_text_or_null(r);
	add_parent(&r->rows->namespaces, ns->id);
}

/* Reads a line "TYPE TTL\n"; behind it, or NULL. */
static const char *read_record(const char *line, struct dns_record *out)
{
	const char *end = strchr(line, '\n');
	char text[32], *ttl, *rest;
	unsigned long n;

	if (!end || (size_t)(end - line) >= sizeof(text))
		return NULL;
	memcpy(text, line, (size_t)(end - line));
	text[end - line] = '\0';
	ttl = strchr(text, ' ');
	if (!ttl)
		return NULL;
	*ttl++ = '\0';
	if (*ttl < '0' || *ttl > '9' ||
		record_type_from_name(text, &out->type) != CMAP_OK)
		return NULL;
	n = strtoul(ttl, &rest, 10);
	if (*rest || n > INT32_MAX)
		return NULL;
	out->ttl = (uint32_t)n;
	return end + 1;
}

static void read_records(struct sqlite_row *r, struct service *s)
{
	const char *line = get_borrowed(r);
	struct dns_record record;

	while (line && *line) {
		line = read_record(line, &record);
		if (line && service_record(s, record.type))
			line = NULL;
		if (line)
			s->records[s->n_records++] = record;
	}
	if (!line)
		refuse(r, "is not made of lines of a record type, each once, and its "
			  "TTL");
}

static void read_health(struct sqlite_row *r, struct service *s)
{
	struct health_check *check = &s->health_check;

	s->has_health_check = !next_is_null(r);
	if (!s->has_health_check) {
		r->last += 3;
		return;
	}
	if (health_type_from_name(get_borrowed(r), &check->type) != CMAP_OK)
		refuse(r, "is no type of a health check");
	check->resource_path = get_text_or_null(r);
	check->failure_threshold = (uint32_t)get_int(r, 1, 10);
}

static void read_service(struct sqlite_row *r, struct delta_batch *batch)
{
	struct service *s = xcalloc(1, sizeof(*s));

	delta_batch_add(batch, DELTA_SERVICE_PUT)->service = s;
	get_id(r, s->id, sizeof(s->id));
	get_parent(r, r->rows->namespaces, s->namespace_id, "names no namespace");
	s->name = get_text(r);
	s->creator_request_id = get_text(r);
	s->description = get_text_or_null(r);
	s->http_only = get_bool(r);
	s->has_routing = !next_is_null(r);
	if (!s->has_routing)
		r->last++;
	else if (routing_policy_from_name(get_borrowed(r), &s->routing) != CMAP_OK)
		refuse(r, "is no routing policy");
	read_records(r, s);
	read_health(r, s);
	s->has_custom_health = get_bool(r);
	s->created_ms = get_int(r, INT64_MIN, INT64_MAX);
	get_pairs(r, &s->tags);
	get_pairs(r, &s->attributes);
	add_parent(&r->rows->services, s->id);
}

/* out borrows from the reader, until the next row. */
static int get_attributes(struct sqlite_row *r, struct attributes *out)
{
	const char *text = get_borrowed(r);
	struct buf *copy = &r->rows->text;

	copy->len = 0;
	buf_add_text(copy, text);
	return copy->len == 0 ? CMAP_OK : attributes_unpack(out, copy->data, copy->len);
}

/* What was said of its health, if anything was, follows an instance as a delta of its own. */
static void read_told_health(struct sqlite_row *r, struct delta_batch *batch)
{
	const struct delta *of;
	struct delta *d;
	const char *health;

	if (next_is_null(r)) {
		r->last += 2;
		return;
	}
	d = delta_batch_add(batch, DELTA_HEALTH);
	of = d - 1;
	strcpy(d->service_id, of->service_id);
	d->key.instance_id = xstrdup(of->instance->id);
	health = get_borrowed(r);
	d->key.is_unhealthy = strcmp(health, "UNHEALTHY") == 0;
	if (!d->key.is_unhealthy && strcmp(health, "HEALTHY") != 0)
		refuse(r, "is neither HEALTHY nor UNHEALTHY");
	d->key.due_ms = get_int_or(r, 0, 1, INT64_MAX);
}

static void read_instance(struct sqlite_row *r, struct delta_batch *batch)
{
	struct delta *d = delta_batch_add(batch, DELTA_INSTANCE_PUT);
	const char *id = get_borrowed(r), *creator;
	struct attributes attributes = {.block = NULL};
	struct instance *i;

	get_parent(r, r->rows->services, d->service_id, "names no service");
	creator = get_borrowed(r);
	if (get_attributes(r, &attributes) != CMAP_OK)
		refuse(r, "is not made of lines of a key, each once, and its value");
	d->instance = i = instance_new(id, creator, &attributes);
	if (instance_read_attributes(i) != CMAP_OK)
		refuse(r, "has an address, port or lease that is none");
	i->created_ms = get_int(r, INT64_MIN, INT64_MAX);
	i->lease_end_ms = get_int_or(r, MODEL_LEASE_NONE, INT64_MIN, INT64_MAX);
	read_told_health(r, batch);
}

static void read_operation(struct sqlite_row *r, struct delta_batch *batch)
{
	struct operation *op = xcalloc(1, sizeof(*op));

	delta_batch_add(batch, DELTA_OPERATION_PUT)->operation = op;
	get_id(r, op->id, sizeof(op->id));
	op->sequence = (uint64_t)get_int(r, 0, INT64_MAX);
	if (operation_type_from_name(get_borrowed(r), &op->type) != CMAP_OK)
		refuse(r, "is no type of an operation");
	op->created_ms = get_int(r, INT64_MIN, INT64_MAX);
	op->updated_ms = get_int(r, INT64_MIN, INT64_MAX);
	get_id(r, op->namespace_id, sizeof(op->namespace_id));
	get_id(r, op->service_id, sizeof(op->service_id));
	op->instance_id = get_text_or_null(r);
}

/*
 * Parents first. The first two columns are the key and the id: they name a row that is
 * refused.
 */
const struct sqlite_table sqlite_tables[SQLITE_TABLES] = {
	/* clang-format off */
	{"namespace",
	 "SELECT seq, id, type, name, creator_request_id, description, vpc, soa_ttl,"
	 "  created_ms, operation_id, tags, updater_request_id, update_operation_id,"
	 "  http_name"
	 " FROM namespace ORDER BY seq",
	 read_namespace},
	{"service",
	 "SELECT seq, id, namespace_id, name, creator_request_id, description, http_only,"
	 "  routing, records, health_type, health_path, health_threshold, custom_health,"
	 "  created_ms, tags, attributes"
	 " FROM service ORDER BY seq",
	 read_service},
	{"instance",
	 "SELECT seq, id, service_id, creator_request_id, attributes, created_ms,"
	 "  lease_end_ms, health, health_due_ms"
	 " FROM instance ORDER BY seq",
	 read_instance},
	{"operation",
	 "SELECT slot, id, sequence, type, created_ms, updated_ms, namespace_id,"
	 "  service_id, instance_id FROM operation ORDER BY sequence",
	 read_operation},
	/* clang-format on */
};

void sqlite_rows_free(struct sqlite_rows *rows)
{
	free_parents(&rows->namespaces);
	free_parents(&rows->services);
	buf_free(&rows->text);
}
