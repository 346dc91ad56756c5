/* SPDX-License-Identifier: MIT */
/* GetInstancesHealthStatus and UpdateInstanceCustomHealthStatus. */
#include <stdio.h>
#include <string.h>

#include "api/ops.h"
#include "api/page.h"
#include "api/render.h"
#include "api/writer.h"
#include "base/mem.h"

static void page_key_of(const void *item, char out[PAGE_KEY_TEXT])
{
	const struct instance *i = item;

	snprintf(out, PAGE_KEY_TEXT, "%s", i->id);
}

static void offer_all(const struct registry *r, const struct service *s,
	struct page *page)
{
	int64_t now_ms = registry_now_ms(r);

	for (const struct instance *i = s->instances; i; i = i->by_id.next)
		if (instance_is_live(i, now_ms))
			page_offer(page, i, page_key_of);
}

static bool named_before(const json_t *ids, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (json_equal(json_array_get(ids, k), json_array_get(ids, n)))
			return true;
	return false;
}

/* False with *f set if one of those named is not there. */
static bool offer_named(const struct registry *r, const struct service *s,
	const json_t *ids, struct page *page, struct fault *f)
{
	for (size_t k = 0; k < json_array_size(ids); k++) {
		const struct instance *i = registry_find_instance(r, s,
			json_string_value(json_array_get(ids, k)), f);

		if (!i)
			return false;
		if (!named_before(ids, k))
			page_offer(page, i, page_key_of);
	}
	return true;
}

void ops_get_instances_health_status(struct call *q, const json_t *in)
{
	const struct registry *r = q->context->registry;
	const struct service *s =
		registry_find_service(r, ops_string(in, "ServiceId"), &q->fault);
	const json_t *ids = ops_member(in, "Instances");
	struct page page;
	uint32_t n;

	if (!s || !page_begin(&page, s->id, ops_string(in, "NextToken"),
			  ops_integer(in, "MaxResults", PAGE_MAX), &q->fault))
		return;
	if (!ids)
		offer_all(r, s, &page);
	else if (!offer_named(r, s, ids, &page, &q->fault))
		return;
	n = page_finish(&page);
	writer_open_object(&q->out, NULL);
	writer_open_object(&q->out, "Status");
	for (uint32_t k = 0; k < n; k++) {
		const struct instance *i = page.items[k].item;

		writer_string(&q->out, i->id, render_health(i));
	}
	writer_close_object(&q->out);
	page_write_token(&page, s->id, &q->out);
	writer_close_object(&q->out);
}

void ops_update_instance_custom_health_status(struct call *q, const json_t *in)
{
	const struct service *s = registry_find_service(q->context->registry,
		ops_string(in, "ServiceId"), &q->fault);
	struct command *c;

	if (!s)
		return;
	c = command_new(COMMAND_UPDATE_HEALTH);
	memcpy(c->id, s->id, sizeof(c->id));
	c->instance_id = ops_copy(in, "InstanceId");
	c->is_unhealthy = strcmp(ops_string(in, "Status"), "UNHEALTHY") == 0;
	call_submit(q, c, ops_answer_empty);
}
