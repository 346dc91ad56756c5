/* SPDX-License-Identifier: MIT */
/* Get, Update and DeleteServiceAttributes: what is said of a service as a whole. */
#include <string.h>

#include "api/ops.h"
#include "api/render.h"
#include "api/writer.h"
#include "model/ids.h"

static const struct service *find_service(struct call *q, const json_t *in)
{
	return registry_find_service(q->context->registry, ops_string(in, "ServiceId"),
		&q->fault);
}

void ops_get_service_attributes(struct call *q, const json_t *in)
{
	const struct registry_options *o = registry_options(q->context->registry);
	const struct service *s = find_service(q, in);
	char arn[ID_ARN_TEXT];

	if (!s)
		return;
	id_make_arn(call_region(q->context), o->account, "service", s->id, arn);
	writer_open_object(&q->out, NULL);
	writer_open_object(&q->out, "ServiceAttributes");
	writer_string(&q->out, "ServiceArn", arn);
	writer_string(&q->out, "ResourceOwner", o->account);
	render_attributes(&q->out, "Attributes", &s->attributes);
	writer_close_object(&q->out);
	writer_close_object(&q->out);
}

void ops_update_service_attributes(struct call *q, const json_t *in)
{
	const struct service *s = find_service(q, in);
	struct command *c;

	if (!s)
		return;
	c = command_new(COMMAND_CHANGE_ATTRIBUTES);
	memcpy(c->id, s->id, sizeof(c->id));
	ops_attributes(in, "Attributes", &c->put);
	call_submit(q, c, ops_answer_empty);
}

/* Keys that the service does not have are no error. */
void ops_delete_service_attributes(struct call *q, const json_t *in)
{
	const json_t *keys = json_object_get(in, "Attributes");
	const struct service *s = find_service(q, in);
	struct command *c;

	if (!s)
		return;
	c = command_new(COMMAND_CHANGE_ATTRIBUTES);
	memcpy(c->id, s->id, sizeof(c->id));
	for (size_t i = 0; i < json_array_size(keys); i++)
		attributes_set(&c->remove, json_string_value(json_array_get(keys, i)),
			"");
	call_submit(q, c, ops_answer_empty);
}
