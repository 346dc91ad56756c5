/* SPDX-License-Identifier: MIT */
/* Create, Get, List, Update and DeleteService. */
#include <stdio.h>
#include <string.h>

#include "api/ops.h"
#include "api/page.h"
#include "api/render.h"
#include "api/writer.h"
#include "base/mem.h"

#define SCOPE "services" /* of page tokens */

/* The input has passed its shape, so every name is one of the table's. */
static enum record_type record_type(const json_t *record)
{
	enum record_type type = RECORD_A;

	if (record_type_from_name(ops_string(record, "Type"), &type))
		return RECORD_A;
	return type;
}

static void read_dns_config(const json_t *config, struct service *s)
{
	const json_t *records = json_object_get(config, "DnsRecords");
	const char *routing = ops_string(config, "RoutingPolicy");
	size_t n = json_array_size(records);

	if (routing)
		s->has_routing = routing_policy_from_name(routing, &s->routing) == 0;
	/*
	 * A DnsConfig without records means nothing but is there: given a routing policy, it meets the rule that
	 * refuses it. More records than there are types are one too many: the rules refuse that, too.
	 */
	if (n == 0)
		s->has_routing = true;
	s->n_records = (uint8_t)(n <= RECORD_N ? n : RECORD_N + 1);
	for (size_t i = 0; i < n && i < RECORD_N; i++) {
		const json_t *record = json_array_get(records, i);

		s->records[i].type = record_type(record);
		s->records[i].ttl = (uint32_t)ops_integer(record, "TTL", 0);
	}
}

static void read_health_check(const json_t *config, struct service *s)
{
	s->has_health_check = health_type_from_name(ops_string(config, "Type"),
				      &s->health_check.type) == 0;
	s->health_check.resource_path = ops_copy(config, "ResourcePath");
	s->health_check.failure_threshold =
		(uint32_t)ops_integer(config, "FailureThreshold", 1);
}

/* NamespaceId stands at the top, or in DnsConfig as old clients have it. */
static const struct namespace *find_namespace(struct call *q, const json_t *in)
{
	const json_t *config = ops_member(in, "DnsConfig");
	const char *top = ops_string(in, "NamespaceId");
	const char *old = config ? ops_string(config, "NamespaceId") : NULL;
	const struct registry *r = q->context->registry;
	const struct namespace *ns;

	if (!top && !old) {
		fault_set(&q->fault, FAULT_INVALID_INPUT,
			"Service namespace id cannot be null");
		return NULL;
	}
	ns = registry_find_namespace(r, top ? top : old, &q->fault);
	if (ns && top && old && registry_find_namespace(r, old, &q->fault) != ns) {
		fault_set(&q->fault, FAULT_INVALID_INPUT,
			"NamespaceId and DnsConfig.NamespaceId are not the same.");
		return NULL;
	}
	return ns;
}

static void answer_created(struct call *q, const struct command *c)
{
	const struct registry *r = q->context->registry;
	const struct service *s = registry_find_service(r, c->created_id, &q->fault);

	if (!s)
		return;
	writer_open_object(&q->out, NULL);
	render_service(&q->out, "Service", q->context, s, RENDER_CREATED);
	writer_close_object(&q->out);
}

void ops_create_service(struct call *q, const json_t *in)
{
	const struct namespace *ns = find_namespace(q, in);
	const json_t *dns_config = ops_member(in, "DnsConfig");
	const json_t *health = ops_member(in, "HealthCheckConfig");
	struct attributes tags;
	struct command *c;
	struct service *s;

	if (!ns || !ops_new_tags(in, &tags, &q->fault))
		return;
	s = xcalloc(1, sizeof(*s));
	s->tags = tags;
	memcpy(s->namespace_id, ns->id, sizeof(s->namespace_id));
	s->name = ops_copy(in, "Name");
	s->creator_request_id = ops_copy_creator(in);
	s->description = ops_copy(in, "Description");
	s->http_only = ns->type != NAMESPACE_HTTP && ops_string(in, "Type");
	if (dns_config)
		read_dns_config(dns_config, s);
	if (health)
		read_health_check(health, s);
	s->has_custom_health = ops_member(in, "HealthCheckCustomConfig") != NULL;
	c = command_new(COMMAND_CREATE_SERVICE);
	c->service = s;
	call_submit(q, c, answer_created);
}

void ops_update_service(struct call *q, const json_t *in)
{
	const struct service *s = registry_find_service(q->context->registry,
		ops_string(in, "Id"), &q->fault);
	const json_t *change = json_object_get(in, "Service");
	const json_t *dns_config = ops_member(change, "DnsConfig");
	const json_t *health = ops_member(change, "HealthCheckConfig");
	struct command *c;

	if (!s)
		return;
	c = command_new(COMMAND_UPDATE_SERVICE);
	memcpy(c->id, s->id, sizeof(c->id));
	c->service = xcalloc(1, sizeof(*c->service));
	c->service->description = ops_copy(change, "Description");
	c->with_records = dns_config != NULL;
	if (dns_config)
		read_dns_config(dns_config, c->service);
	if (health)
		read_health_check(health, c->service);
	call_submit(q, c, ops_answer_operation);
}

void ops_get_service(struct call *q, const json_t *in)
{
	const struct registry *r = q->context->registry;
	const struct service *s =
		registry_find_service(r, ops_string(in, "Id"), &q->fault);

	if (!s)
		return;
	writer_open_object(&q->out, NULL);
	render_service(&q->out, "Service", q->context, s, RENDER_FULL);
	writer_close_object(&q->out);
}

void ops_delete_service(struct call *q, const json_t *in)
{
	const struct service *s = registry_find_service(q->context->registry,
		ops_string(in, "Id"), &q->fault);
	struct command *c;

	if (!s)
		return;
	c = command_new(COMMAND_DELETE_SERVICE);
	memcpy(c->id, s->id, sizeof(c->id));
	call_submit(q, c, ops_answer_empty);
}

/* What the filters of a listing leave: one namespace, all (NULL), or nothing. */
struct choice {
	const struct namespace *ns;
	bool nothing;
};

/* value may be an ARN; one that names nothing of ours leaves nothing. */
static void choose_namespace(const struct registry *r, const char *value,
	struct choice *out)
{
	struct fault ignored = {0};
	const struct namespace *ns = registry_find_namespace(r, value, &ignored);

	fault_free(&ignored);
	if (!ns || (out->ns && out->ns != ns))
		out->nothing = true;
	out->ns = ns;
}

static bool read_filters(const struct registry *r, const json_t *filters,
	struct choice *out, struct fault *f)
{
	*out = (struct choice){0};
	for (size_t i = 0; i < json_array_size(filters); i++) {
		const json_t *filter = json_array_get(filters, i);
		const json_t *values = json_object_get(filter, "Values");

		if (!ops_filter_check(filter, false, f))
			return false;
		if (strcmp(ops_string(filter, "Name"), "NAMESPACE_ID") == 0)
			choose_namespace(r,
				json_string_value(json_array_get(values, 0)), out);
		else if (!ops_filter_meets(filter, "SELF"))
			out->nothing = true;
	}
	return true;
}

/* In the order of creation, which an update leaves as it is. */
static void page_key_of(const void *item, char out[PAGE_KEY_TEXT])
{
	const struct service *s = item;

	snprintf(out, PAGE_KEY_TEXT, "%016llx-%s", (unsigned long long)s->created_ms,
		s->id);
}

static void offer_services(struct page *page, const struct registry *r,
	const struct choice *choice)
{
	struct service *s, *next;

	if (choice->nothing)
		return;
	if (choice->ns) {
		HASH_ITER (by_key, choice->ns->services, s, next)
			page_offer(page, s, page_key_of);
	} else {
		HASH_ITER (by_id, registry_model(r)->services, s, next)
			page_offer(page, s, page_key_of);
	}
}

void ops_list_services(struct call *q, const json_t *in)
{
	const struct registry *r = q->context->registry;
	struct choice choice;
	struct page page;
	uint32_t n;

	if (!read_filters(r, json_object_get(in, "Filters"), &choice, &q->fault) ||
		!page_begin(&page, SCOPE, ops_string(in, "NextToken"),
			ops_integer(in, "MaxResults", PAGE_MAX), &q->fault))
		return;
	offer_services(&page, r, &choice);
	n = page_finish(&page);
	writer_open_object(&q->out, NULL);
	writer_open_array(&q->out, "Services");
	for (uint32_t i = 0; i < n; i++)
		render_service(&q->out, NULL, q->context, page.items[i].item,
			RENDER_SUMMARY);
	writer_close_array(&q->out);
	page_write_token(&page, SCOPE, &q->out);
	writer_close_object(&q->out);
}
