/* SPDX-License-Identifier: MIT */
/* TagResource, UntagResource, ListTagsForResource, and the tags of what is created. */
#include <string.h>

#include "api/ops.h"
#include "api/writer.h"
#include "base/mem.h"
#include "model/ids.h"
#include "model/rules.h"

bool ops_tags(const json_t *in, struct attributes *out, struct fault *f)
{
	const json_t *tags = json_object_get(in, "Tags");

	*out = (struct attributes){0};
	for (size_t i = 0; i < json_array_size(tags); i++) {
		const json_t *tag = json_array_get(tags, i);
		const char *key = ops_string(tag, "Key");

		if (attributes_get(out, key)) {
			fault_set(f, FAULT_INVALID_INPUT,
				"Tags must have each Key only once; '%s' is there "
				"twice.",
				key);
			break;
		}
		attributes_set(out, key, ops_string(tag, "Value"));
	}
	if (f->code == FAULT_NONE && rules_check_tags(out, f))
		return true;
	attributes_free(out);
	return false;
}

bool ops_new_tags(const json_t *in, struct attributes *out, struct fault *f)
{
	if (!ops_tags(in, out, f))
		return false;
	if (out->n <= RULES_TAGS)
		return true;
	fault_set(f, FAULT_TOO_MANY_TAGS,
		"A resource can have %d tags; with these it would have %u.", RULES_TAGS,
		(unsigned int)out->n);
	f->resource_name = xstrdup(ops_string(in, "Name"));
	attributes_free(out);
	return false;
}

/*
 * The tags of the namespace or service whose ARN the input has, and its id; NULL with q->fault set if there is none. A
 * bare id is not taken.
 */
static const struct attributes *find_tags(struct call *q, const json_t *in,
	const char **id)
{
	const char *arn = ops_string(in, "ResourceARN");
	const struct model *m = registry_model(q->context->registry);
	const char *account = registry_options(q->context->registry)->account;
	const char *ns_id = id_from_arn(arn, account, "namespace");
	const char *service_id = id_from_arn(arn, account, "service");
	const struct namespace *ns = ns_id ? model_namespace(m, ns_id) : NULL;
	const struct service *s = service_id ? model_service(m, service_id) : NULL;

	if ((!ns && !s) || strncmp(arn, "arn:", 4) != 0) {
		fault_set(&q->fault, FAULT_RESOURCE_NOT_FOUND,
			"No namespace or service has the ARN '%s'.", arn);
		return NULL;
	}
	*id = ns ? ns->id : s->id;
	return ns ? &ns->tags : &s->tags;
}

void ops_tag_resource(struct call *q, const json_t *in)
{
	struct attributes tags;
	struct command *c;
	const char *id;

	if (!find_tags(q, in, &id) || !ops_tags(in, &tags, &q->fault))
		return;
	c = command_new(COMMAND_CHANGE_TAGS);
	memcpy(c->id, id, strlen(id) + 1);
	c->put = tags;
	call_submit(q, c, ops_answer_empty);
}

/* Keys that the resource does not have are no error. */
void ops_untag_resource(struct call *q, const json_t *in)
{
	const json_t *keys = json_object_get(in, "TagKeys");
	struct command *c;
	const char *id;

	if (!find_tags(q, in, &id))
		return;
	c = command_new(COMMAND_CHANGE_TAGS);
	memcpy(c->id, id, strlen(id) + 1);
	for (size_t i = 0; i < json_array_size(keys); i++)
		attributes_set(&c->remove, json_string_value(json_array_get(keys, i)),
			"");
	call_submit(q, c, ops_answer_empty);
}

void ops_list_tags_for_resource(struct call *q, const json_t *in)
{
	const char *id, *key, *value;
	const struct attributes *tags = find_tags(q, in, &id);
	uint32_t pos = 0;

	if (!tags)
		return;
	writer_open_object(&q->out, NULL);
	writer_open_array(&q->out, "Tags");
	while (attributes_next(tags, &pos, &key, &value)) {
		writer_open_object(&q->out, NULL);
		writer_string(&q->out, "Key", key);
		writer_string(&q->out, "Value", value);
		writer_close_object(&q->out);
	}
	writer_close_array(&q->out);
	writer_close_object(&q->out);
}
