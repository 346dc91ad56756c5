/* SPDX-License-Identifier: MIT */
/* Register, Deregister, Get and ListInstances. */
#include <stdio.h>
#include <string.h>

#include "api/ops.h"
#include "api/page.h"
#include "api/render.h"
#include "api/writer.h"
#include "base/mem.h"

void ops_register_instance(struct call *q, const json_t *in)
{
	const struct service *s = registry_find_service(q->context->registry,
		ops_string(in, "ServiceId"), &q->fault);
	const char *creator = ops_string(in, "CreatorRequestId");
	struct attributes attributes;
	struct command *c;

	if (!s)
		return;
	ops_attributes(in, "Attributes", &attributes);
	c = command_new(COMMAND_REGISTER_INSTANCE);
	memcpy(c->id, s->id, sizeof(c->id));
	c->instance = instance_new(ops_string(in, "InstanceId"), creator ? creator : "",
		&attributes);
	attributes_free(&attributes);
	call_submit(q, c, ops_answer_operation);
}

/* The instance that the input names, or NULL with q->fault set. */
static const struct instance *find_instance(struct call *q, const json_t *in)
{
	const struct registry *r = q->context->registry;
	const struct service *s =
		registry_find_service(r, ops_string(in, "ServiceId"), &q->fault);

	if (!s)
		return NULL;
	return registry_find_instance(r, s, ops_string(in, "InstanceId"), &q->fault);
}

void ops_deregister_instance(struct call *q, const json_t *in)
{
	const struct instance *i = find_instance(q, in);
	struct command *c;

	if (!i)
		return;
	c = command_new(COMMAND_DEREGISTER_INSTANCE);
	memcpy(c->id, i->service->id, sizeof(c->id));
	c->instance_id = xstrdup(i->id);
	call_submit(q, c, ops_answer_operation);
}

static void write_instance(struct call *q, const char *key, const struct instance *i,
	bool with_creator, bool with_lease)
{
	const struct registry *r = q->context->registry;
	struct buf *b = &q->out;

	writer_open_object(b, key);
	writer_string(b, "Id", i->id);
	if (with_creator)
		writer_optional(b, "CreatorRequestId", instance_creator(i));
	render_attributes(b, "Attributes", &i->attributes);
	writer_string(b, "CreatedByAccount", registry_options(r)->account);
	if (with_lease && i->lease_end_ms != MODEL_LEASE_NONE) {
		writer_integer(b, "LeaseMs", i->lease_ms);
		writer_integer(b, "LeaseRemainingMs",
			i->lease_end_ms - registry_now_ms(r));
	}
	writer_close_object(b);
}

void ops_get_instance(struct call *q, const json_t *in)
{
	const struct instance *i = find_instance(q, in);

	if (!i)
		return;
	writer_open_object(&q->out, NULL);
	writer_string(&q->out, "ResourceOwner",
		registry_options(q->context->registry)->account);
	write_instance(q, "Instance", i, true, false);
	writer_close_object(&q->out);
}

/* By id: registering again moves an instance to the end of the model's own order. */
static void page_key_of(const void *item, char out[PAGE_KEY_TEXT])
{
	const struct instance *i = item;

	snprintf(out, PAGE_KEY_TEXT, "%s", i->id);
}

static void list(struct call *q, const json_t *in, bool with_lease)
{
	const struct registry *r = q->context->registry;
	const struct service *s =
		registry_find_service(r, ops_string(in, "ServiceId"), &q->fault);
	int64_t now_ms = registry_now_ms(r);
	struct instance *i, *next;
	struct page page;
	uint32_t n;

	if (!s || !page_begin(&page, s->id, ops_string(in, "NextToken"),
			  ops_integer(in, "MaxResults", PAGE_MAX), &q->fault))
		return;
	HASH_ITER (by_id, s->instances, i, next) {
		if (instance_is_live(i, now_ms))
			page_offer(&page, i, page_key_of);
	}
	n = page_finish(&page);
	writer_open_object(&q->out, NULL);
	writer_string(&q->out, "ResourceOwner", registry_options(r)->account);
	writer_open_array(&q->out, "Instances");
	for (uint32_t k = 0; k < n; k++)
		write_instance(q, NULL, page.items[k].item, false, with_lease);
	writer_close_array(&q->out);
	page_write_token(&page, s->id, &q->out);
	writer_close_object(&q->out);
}

void ops_list_instances(struct call *q, const json_t *in)
{
	list(q, in, false);
}

void ops_list_leases(struct call *q, const json_t *in)
{
	list(q, in, true);
}
