/* SPDX-License-Identifier: MIT */
/* Create, Get, List, Update and DeleteNamespace. */
#include <stdio.h>
#include <string.h>

#include "api/ops.h"
#include "api/page.h"
#include "api/render.h"
#include "api/writer.h"
#include "base/mem.h"

#define SCOPE "namespaces" /* of page tokens */

static int64_t soa_ttl(const json_t *in)
{
	const json_t *properties = ops_member(in, "Properties");
	const json_t *dns, *soa;

	if (!properties)
		return -1;
	dns = json_object_get(properties, "DnsProperties");
	soa = json_object_get(dns, "SOA");
	return ops_integer(soa, "TTL", -1);
}

static void create(struct call *q, const json_t *in, enum namespace_type type)
{
	struct attributes tags;
	struct namespace *ns;
	struct command *c;

	if (!ops_new_tags(in, &tags, &q->fault))
		return;
	ns = xcalloc(1, sizeof(*ns));
	ns->type = type;
	ns->tags = tags;
	ns->name = ops_copy(in, "Name");
	ns->creator_request_id = ops_copy_creator(in);
	ns->description = ops_copy(in, "Description");
	ns->soa_ttl = -1;
	if (type == NAMESPACE_DNS_PRIVATE)
		ns->vpc = ops_copy(in, "Vpc");
	if (type != NAMESPACE_HTTP)
		ns->soa_ttl = soa_ttl(in);
	c = command_new(COMMAND_CREATE_NAMESPACE);
	c->ns = ns;
	call_submit(q, c, ops_answer_operation);
}

void ops_create_private_dns_namespace(struct call *q, const json_t *in)
{
	create(q, in, NAMESPACE_DNS_PRIVATE);
}

void ops_create_public_dns_namespace(struct call *q, const json_t *in)
{
	create(q, in, NAMESPACE_DNS_PUBLIC);
}

void ops_create_http_namespace(struct call *q, const json_t *in)
{
	create(q, in, NAMESPACE_HTTP);
}

void ops_get_namespace(struct call *q, const json_t *in)
{
	const struct registry *r = q->context->registry;
	const struct namespace *ns =
		registry_find_namespace(r, ops_string(in, "Id"), &q->fault);

	if (!ns)
		return;
	writer_open_object(&q->out, NULL);
	render_namespace(&q->out, "Namespace", q->context, ns, RENDER_FULL);
	writer_close_object(&q->out);
}

void ops_delete_namespace(struct call *q, const json_t *in)
{
	const struct namespace *ns = registry_find_namespace(q->context->registry,
		ops_string(in, "Id"), &q->fault);
	struct command *c;

	if (!ns)
		return;
	c = command_new(COMMAND_DELETE_NAMESPACE);
	memcpy(c->id, ns->id, sizeof(c->id));
	call_submit(q, c, ops_answer_operation);
}

static void update(struct call *q, const json_t *in, enum namespace_type type)
{
	const struct namespace *ns = registry_find_namespace(q->context->registry,
		ops_string(in, "Id"), &q->fault);
	const char *request = ops_string(in, "UpdaterRequestId");
	const json_t *change = json_object_get(in, "Namespace");
	struct command *c;

	if (!ns)
		return;
	c = command_new(COMMAND_UPDATE_NAMESPACE);
	memcpy(c->id, ns->id, sizeof(c->id));
	c->ns = xcalloc(1, sizeof(*c->ns));
	c->ns->type = type;
	c->ns->description = ops_copy(change, "Description");
	c->ns->soa_ttl = type == NAMESPACE_HTTP ? -1 : soa_ttl(change);
	if (request && request[0] != '\0')
		c->ns->updater_request_id = xstrdup(request);
	call_submit(q, c, ops_answer_operation);
}

void ops_update_private_dns_namespace(struct call *q, const json_t *in)
{
	update(q, in, NAMESPACE_DNS_PRIVATE);
}

void ops_update_public_dns_namespace(struct call *q, const json_t *in)
{
	update(q, in, NAMESPACE_DNS_PUBLIC);
}

void ops_update_http_namespace(struct call *q, const json_t *in)
{
	update(q, in, NAMESPACE_HTTP);
}

static bool check_filters(const json_t *filters, struct fault *f)
{
	for (size_t i = 0; i < json_array_size(filters); i++) {
		const json_t *filter = json_array_get(filters, i);
		bool prefixes =
			strcmp(ops_string(filter, "Name"), "RESOURCE_OWNER") != 0;

		if (!ops_filter_check(filter, prefixes, f))
			return false;
	}
	return true;
}

static bool meets_filters(const struct namespace *ns, const json_t *filters)
{
	for (size_t i = 0; i < json_array_size(filters); i++) {
		const json_t *filter = json_array_get(filters, i);
		const char *name = ops_string(filter, "Name");
		const char *value = ns->name;

		if (strcmp(name, "HTTP_NAME") == 0)
			value = namespace_http_name(ns);
		else if (strcmp(name, "TYPE") == 0)
			value = namespace_type_name(ns->type);
		else if (strcmp(name, "RESOURCE_OWNER") == 0)
			value = "SELF";
		if (!ops_filter_meets(filter, value))
			return false;
	}
	return true;
}

/* In the order of creation, which an update leaves as it is. */
static void page_key_of(const void *item, char out[PAGE_KEY_TEXT])
{
	const struct namespace *ns = item;

	snprintf(out, PAGE_KEY_TEXT, "%016llx-%s", (unsigned long long)ns->created_ms,
		ns->id);
}

void ops_list_namespaces(struct call *q, const json_t *in)
{
	const struct registry *r = q->context->registry;
	const json_t *filters = json_object_get(in, "Filters");
	struct namespace *ns, *next;
	struct page page;
	uint32_t n;

	if (!check_filters(filters, &q->fault) ||
		!page_begin(&page, SCOPE, ops_string(in, "NextToken"),
			ops_integer(in, "MaxResults", PAGE_MAX), &q->fault))
		return;
	HASH_ITER (by_id, registry_model(r)->namespaces, ns, next) {
		if (meets_filters(ns, filters))
			page_offer(&page, ns, page_key_of);
	}
	n = page_finish(&page);
	writer_open_object(&q->out, NULL);
	writer_open_array(&q->out, "Namespaces");
	for (uint32_t i = 0; i < n; i++)
		render_namespace(&q->out, NULL, q->context, page.items[i].item,
			RENDER_SUMMARY);
	writer_close_array(&q->out);
	page_write_token(&page, SCOPE, &q->out);
	writer_close_object(&q->out);
}
