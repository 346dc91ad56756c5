/* SPDX-License-Identifier: MIT */
/* GetOperation and ListOperations. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/ops.h"
#include "api/page.h"
#include "api/render.h"
#include "api/writer.h"
#include "model/ids.h"

#define SCOPE "operations" /* of page tokens */

void ops_get_operation(struct call *q, const json_t *in)
{
	const struct registry *r = q->context->registry;
	const char *owner = ops_string(in, "OwnerAccount");
	const struct operation *op =
		model_operation(registry_model(r), ops_string(in, "OperationId"));

	if (!op || (owner && strcmp(owner, registry_options(r)->account) != 0)) {
		fault_set(&q->fault, FAULT_OPERATION_NOT_FOUND, "Operation not found");
		return;
	}
	writer_open_object(&q->out, NULL);
	render_operation(&q->out, "Operation", q->context, op);
	writer_close_object(&q->out);
}

/* ---- filters ---------------------------------------------------------------------------------- */

static const char *value_of(const json_t *filter, size_t i)
{
	return json_string_value(json_array_get(json_object_get(filter, "Values"), i));
}

static size_t count_values(const json_t *filter)
{
	return json_array_size(json_object_get(filter, "Values"));
}

static const char *condition_of(const json_t *filter)
{
	const char *condition = ops_string(filter, "Condition");

	return condition ? condition : "EQ";
}

/* Seconds since 1970, with or without a fraction, whose digits behind the third do not count. */
static bool read_date(const char *text, int64_t *out_ms)
{
	int64_t ms = 0, unit = 1000;
	const char *at = text;

	for (; *at >= '0' && *at <= '9' && at - text < 15; at++)
		ms = ms * 10 + (*at - '0') * INT64_C(1000);
	if (at == text)
		return false;
	if (*at == '.' && at[1])
		for (at++; *at >= '0' && *at <= '9'; at++)
			ms += (*at - '0') * (unit /= 10);
	*out_ms = ms;
	return *at == '\0';
}

/* The service model's name, and the one its prose has. */
static bool is_success(const char *status)
{
	return strcmp(status, "SUCCESS") == 0 || strcmp(status, "SUCCEED") == 0;
}

static bool is_status(const char *text)
{
	return is_success(text) || strcmp(text, "SUBMITTED") == 0 ||
	       strcmp(text, "PENDING") == 0 || strcmp(text, "FAIL") == 0;
}

static bool is_type(const char *text)
{
	enum operation_type ignored;

	return operation_type_from_name(text, &ignored) == 0;
}

static bool is_date(const char *text)
{
	int64_t ignored;

	return read_date(text, &ignored);
}

static bool is_any(const char *text)
{
	(void)text;
	return true;
}

/* What each filter can have. */
static const struct filter_rule {
	const char *name;
	const char *conditions; /* with a blank behind each */
	bool (*is_value)(const char *text);
	const char *values; /* how that is told */
} filter_rules[] = {
	{"NAMESPACE_ID", "EQ ", is_any, ""},
	{"SERVICE_ID", "EQ ", is_any, ""},
	{"STATUS", "EQ IN ", is_status, "SUBMITTED, PENDING, SUCCESS or FAIL"},
	{"TYPE", "EQ IN ", is_type,
		"CREATE_NAMESPACE, DELETE_NAMESPACE, UPDATE_NAMESPACE, UPDATE_SERVICE, "
		"REGISTER_INSTANCE or DEREGISTER_INSTANCE"},
	{"UPDATE_DATE", "BETWEEN ", is_date, "seconds since 1970"},
};

/* filter has passed its shape, so its name is in the table. */
static const struct filter_rule *rule_of(const json_t *filter)
{
	const char *name = ops_string(filter, "Name");
	size_t i = 0;

	while (i < CMAP_COUNT(filter_rules) - 1 &&
		strcmp(filter_rules[i].name, name) != 0)
		i++;
	return &filter_rules[i];
}

static bool has_condition(const struct filter_rule *rule, const char *condition)
{
	size_t len = strlen(condition);
	const char *at = strstr(rule->conditions, condition);

	return at && at[len] == ' ';
}

static bool check_count(const json_t *filter, struct fault *f)
{
	const char *name = ops_string(filter, "Name");
	const char *condition = condition_of(filter);
	size_t n = count_values(filter);

	if (strcmp(condition, "IN") == 0) {
		if (n > 0)
			return true;
		fault_set(f, FAULT_INVALID_INPUT,
			"The filter %s must have one or more of Values.", name);
	} else if (strcmp(condition, "BETWEEN") == 0) {
		if (n == 2)
			return true;
		fault_set(f, FAULT_INVALID_INPUT,
			"The filter %s must have exactly two of Values.", name);
	} else {
		if (n == 1)
			return true;
		fault_set(f, FAULT_INVALID_INPUT,
			"The filter %s must have exactly one of Values.", name);
	}
	return false;
}

static bool check_filter(const json_t *filter, struct fault *f)
{
	const struct filter_rule *rule = rule_of(filter);
	const char *condition = condition_of(filter);

	if (!has_condition(rule, condition)) {
		fault_set(f, FAULT_INVALID_INPUT,
			"The filter %s cannot have the Condition %s.", rule->name,
			condition);
		return false;
	}
	if (!check_count(filter, f))
		return false;
	for (size_t i = 0; i < count_values(filter); i++) {
		if (rule->is_value(value_of(filter, i)))
			continue;
		fault_set(f, FAULT_INVALID_INPUT,
			"Values of the filter %s must be %s, not '%s'.", rule->name,
			rule->values, value_of(filter, i));
		return false;
	}
	return true;
}

/* Whether op's target is the one that value, an id or an ARN, names. */
static bool is_target(const struct registry *r, const char *kind, const char *value,
	const char *target)
{
	const char *id = id_from_arn(value, registry_options(r)->account, kind);

	return id && target[0] != '\0' && strcmp(id, target) == 0;
}

static bool is_between(const struct operation *op, const json_t *filter)
{
	int64_t from = 0, to = 0;

	return read_date(value_of(filter, 0), &from) &&
	       read_date(value_of(filter, 1), &to) && op->updated_ms >= from &&
	       op->updated_ms <= to;
}

static bool meets(const struct registry *r, const struct operation *op,
	const json_t *filter)
{
	const char *name = rule_of(filter)->name;

	if (strcmp(name, "NAMESPACE_ID") == 0)
		return is_target(r, "namespace", value_of(filter, 0), op->namespace_id);
	if (strcmp(name, "SERVICE_ID") == 0)
		return is_target(r, "service", value_of(filter, 0), op->service_id);
	if (strcmp(name, "UPDATE_DATE") == 0)
		return is_between(op, filter);
	for (size_t i = 0; i < count_values(filter); i++) {
		const char *value = value_of(filter, i);

		/* All operations have succeeded by the time they are known. */
		if (strcmp(name, "STATUS") == 0
				? is_success(value)
				: strcmp(operation_type_name(op->type), value) == 0)
			return true;
	}
	return false;
}

/* ---- the listing ------------------------------------------------------------------------------ */

/* In the order in which they were asked for. */
static void page_key_of(const void *item, char out[PAGE_KEY_TEXT])
{
	const struct operation *op = item;

	snprintf(out, PAGE_KEY_TEXT, "%020" PRIu64, op->sequence);
}

/* Offers what the filters leave, in order, until more than the page is there. */
static void offer_operations(struct page *page, const struct registry *r,
	const json_t *filters)
{
	const struct model *m = registry_model(r);
	uint64_t oldest =
		m->next_sequence > m->n_ring ? m->next_sequence - m->n_ring : 0;

	for (uint64_t at = oldest; at < m->next_sequence && page->n <= page->want;
		at++) {
		const struct operation *op = m->ring[at % m->n_ring];
		size_t i = 0;

		if (!op || op->sequence != at)
			continue;
		while (i < json_array_size(filters) &&
			meets(r, op, json_array_get(filters, i)))
			i++;
		if (i == json_array_size(filters))
			page_offer(page, op, page_key_of);
	}
}

void ops_list_operations(struct call *q, const json_t *in)
{
	const json_t *filters = json_object_get(in, "Filters");
	struct page page;
	uint32_t n;

	for (size_t i = 0; i < json_array_size(filters); i++)
		if (!check_filter(json_array_get(filters, i), &q->fault))
			return;
	if (!page_begin(&page, SCOPE, ops_string(in, "NextToken"),
		    ops_integer(in, "MaxResults", PAGE_MAX), &q->fault))
		return;
	offer_operations(&page, q->context->registry, filters);
	n = page_finish(&page);
	writer_open_object(&q->out, NULL);
	writer_open_array(&q->out, "Operations");
	for (uint32_t i = 0; i < n; i++) {
		const struct operation *op = page.items[i].item;

		writer_open_object(&q->out, NULL);
		writer_string(&q->out, "Id", op->id);
		writer_string(&q->out, "Status", "SUCCESS");
		writer_close_object(&q->out);
	}
	writer_close_array(&q->out);
	page_write_token(&page, SCOPE, &q->out);
	writer_close_object(&q->out);
}
