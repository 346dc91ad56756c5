/* SPDX-License-Identifier: MIT */
/* What several operations read or answer in the same way. */
#include "api/ops.h"

#include <string.h>

#include "api/writer.h"
#include "base/mem.h"

const json_t *ops_member(const json_t *in, const char *name)
{
	const json_t *v = json_object_get(in, name);

	return v && !json_is_null(v) ? v : NULL;
}

const char *ops_string(const json_t *in, const char *name)
{
	return json_string_value(json_object_get(in, name));
}

int64_t ops_integer(const json_t *in, const char *name, int64_t otherwise)
{
	const json_t *v = ops_member(in, name);

	return v ? json_integer_value(v) : otherwise;
}

char *ops_copy(const json_t *in, const char *name)
{
	const char *text = ops_string(in, name);

	return text ? xstrdup(text) : NULL;
}

char *ops_copy_creator(const json_t *in)
{
	const char *text = ops_string(in, "CreatorRequestId");

	return xstrdup(text ? text : "");
}

/* Packed here, in one go: attributes_set() looks for each key among all before it. */
void ops_attributes(const json_t *in, const char *name, struct attributes *out)
{
	json_t *map = json_object_get(in, name);
	struct buf block = {0};

	*out = (struct attributes){0};
	for (void *i = json_object_iter(map); i; i = json_object_iter_next(map, i)) {
		const char *key = json_object_iter_key(i);
		const char *value = json_string_value(json_object_iter_value(i));

		buf_add(&block, key, strlen(key) + 1);
		buf_add(&block, value, strlen(value) + 1);
		out->n++;
	}
	out->len = (uint32_t)block.len;
	if (out->n > 0)
		out->block = buf_take(&block);
}

void ops_answer_operation(struct call *q, const struct command *c)
{
	writer_open_object(&q->out, NULL);
	writer_string(&q->out, "OperationId", c->operation_id);
	writer_close_object(&q->out);
}

void ops_answer_empty(struct call *q, const struct command *c)
{
	(void)c;
	buf_add_text(&q->out, "{}");
}

static bool begins_with(const json_t *filter)
{
	const char *condition = ops_string(filter, "Condition");

	return condition && strcmp(condition, "BEGINS_WITH") == 0;
}

bool ops_filter_check(const json_t *filter, bool prefixes, struct fault *f)
{
	const char *name = ops_string(filter, "Name");
	const char *condition = ops_string(filter, "Condition");

	if (condition && strcmp(condition, "EQ") != 0 &&
		!(prefixes && begins_with(filter))) {
		fault_set(f, FAULT_INVALID_INPUT,
			"The filter %s cannot have the Condition %s.", name, condition);
		return false;
	}
	if (json_array_size(json_object_get(filter, "Values")) != 1) {
		fault_set(f, FAULT_INVALID_INPUT,
			"The filter %s must have exactly one of Values.", name);
		return false;
	}
	return true;
}

bool ops_filter_meets(const json_t *filter, const char *value)
{
	const json_t *values = json_object_get(filter, "Values");
	const char *wanted = json_string_value(json_array_get(values, 0));

	if (begins_with(filter))
		return strncmp(value, wanted, strlen(wanted)) == 0;
	return strcmp(value, wanted) == 0;
}
