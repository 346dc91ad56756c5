/* SPDX-License-Identifier: MIT */
/* operation.c -- cmapctl operation list, show: what was asked of cmapd, and what came of it. */
#include "base/buf.h"
#include "ctl/check.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/ctl.h"
#include "ctl/fields.h"
#include "ctl/find.h"
#include "ctl/table.h"

#define SHOWN     20 /* operations, if nothing is said: a screen of them */
#define SHOWN_MAX 1000

static json_t *filter_by(const char *name, const char *id)
{
	return json_pack("{s:[{s:s, s:[s]}]}", "Filters", "Name", name, "Values", id);
}

/* Makes the request of the options. */
static int read_filter(struct ctl *c, const struct args *a, json_t **request)
{
	const char *service = args_value(a, "service");
	const char *ns = args_value(a, "namespace");
	char name[CHECK_NAME_MAX + 1];
	struct found found = {0};
	int status = CTL_OK;

	if (service != NULL && ns != NULL)
		return ctl_fail(c, CTL_USAGE,
			"options '--service' and '--namespace' exclude each other");
	if (service != NULL)
		status = check_service_name(c, service, name);
	else if (ns != NULL)
		status = check_namespace_name(c, ns, false, name);
	if (status == CTL_OK && service != NULL)
		status = find_service(c, name, &found);
	else if (status == CTL_OK && ns != NULL)
		status = find_namespace(c, name, &found);
	if (status != CTL_OK)
		return status;
	if (service != NULL)
		*request = filter_by("SERVICE_ID", found.service_id);
	else if (ns != NULL)
		*request = filter_by("NAMESPACE_ID", found.ns_id);
	else
		*request = json_object();
	find_free(&found);
	return CTL_OK;
}

/* ListOperations tells ids alone: asks for each of the last max what it was. */
static int ask_details(struct ctl *c, const json_t *ids, size_t max, json_t *out,
	struct failure *f)
{
	size_t n = json_array_size(ids);

	for (size_t i = n > max ? n - max : 0; i < n; i++) {
		json_t *reply = NULL;
		int status = client_call(c, CLIENT_AWS("GetOperation"),
			json_pack("{s:s}", "OperationId",
				find_text(json_array_get(ids, i), "Id")),
			&reply, f);

		if (status == CTL_NOT_FOUND) /* newer ones have taken its place */
			continue;
		if (status != CTL_OK)
			return status;
		json_array_append(out, json_object_get(reply, "Operation"));
		json_decref(reply);
	}
	return CTL_OK;
}

static void add_row(struct table *t, const json_t *operation)
{
	json_t *targets = json_object_get(operation, "Targets");
	struct buf text = {0};
	char date[FIELDS_DATE_TEXT];
	const char *kind;
	json_t *target;

	fields_date(json_number_value(json_object_get(operation, "UpdateDate")), date);
	json_object_foreach (targets, kind, target)
		buf_printf(&text, "%s%s", text.len > 0 ? " " : "",
			find_text(targets, kind));
	table_add(t, (const char *const[]){find_text(operation, "Id"),
			     find_text(operation, "Type"),
			     find_text(operation, "Status"), date, buf_text(&text)});
	buf_free(&text);
}

static void print_operations(const struct ctl *c, json_t *operations)
{
	static const char *const headings[] = {
		"ID", "TYPE", "STATUS", "UPDATED", "TARGETS"};
	struct table *t;
	json_t *operation;
	size_t at;

	if (c->json) {
		json_t *shown = json_pack("{s:O}", "Operations", operations);

		ctl_print_json(c, shown);
		json_decref(shown);
		return;
	}
	t = table_new(headings, CMAP_COUNT(headings));
	json_array_foreach (operations, at, operation)
		add_row(t, operation);
	table_finish(t, c->out);
}

int operation_list(struct ctl *c, const struct args *a)
{
	const char *text = args_value(a, "max");
	uint32_t max = SHOWN;
	json_t *operations;
	json_t *request = NULL;
	json_t *ids = NULL;
	struct failure f;
	int status = CTL_OK;

	if (text != NULL)
		status = check_number(c, "max", text, SHOWN_MAX, &max);
	if (status == CTL_OK)
		status = read_filter(c, a, &request);
	if (status != CTL_OK)
		return status;
	operations = json_array();
	status = client_list(c, CLIENT_AWS("ListOperations"), request, "Operations",
		&ids, &f);
	if (status == CTL_OK)
		status = ask_details(c, ids, max, operations, &f);
	if (status == CTL_OK)
		print_operations(c, operations);
	else
		client_say(c, &f, NULL, NULL);
	json_decref(ids);
	json_decref(operations);
	return status;
}

int operation_show(struct ctl *c, const struct args *a)
{
	struct failure f;
	json_t *reply = NULL;
	int status = client_call(c, CLIENT_AWS("GetOperation"),
		json_pack("{s:s}", "OperationId", a->operands[0]), &reply, &f);

	const json_t *operation;

	if (status != CTL_OK)
		return client_say(c, &f, NULL, a->operands[0]);
	operation = json_object_get(reply, "Operation");
	if (operation == NULL)
		status = ctl_fail(c, CTL_NO, "the answer of cmapd lacks 'Operation'");
	else if (c->json)
		ctl_print_json(c, reply);
	else
		fields_print(operation, c->out);
	json_decref(reply);
	return status;
}
