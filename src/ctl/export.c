/* SPDX-License-Identifier: MIT */
/* export.c -- cmapctl export: a namespace as a zone file, registrations included. */
#include "config.h"

#include "ctl/check.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/ctl.h"
#include "ctl/find.h"

/* The lines of one RRset; their number. */
static size_t print_set(const struct ctl *c, const json_t *set)
{
	const json_t *data = json_object_get(set, "Data");
	json_int_t ttl = json_integer_value(json_object_get(set, "TTL"));

	for (size_t i = 0; i < json_array_size(data); i++) {
		const char *text = json_string_value(json_array_get(data, i));

		fprintf(c->out, "%s\t%lld\tIN\t%s\t%s\n", find_text(set, "Name"),
			(long long)ttl, find_text(set, "Type"),
			text == NULL ? "" : text);
	}
	return json_array_size(data);
}

/* Page by page, so that the size of a zone does not matter. The last line shows that all has arrived. */
static int print_zone(struct ctl *c, const struct found *found, struct failure *f)
{
	json_t *request = json_pack("{s:s}", "NamespaceId", found->ns_id);
	json_t *page = NULL;
	json_t *token;
	size_t n = 0;
	int status;

	fprintf(c->out, "; %s, as cmapctl %s has it from cmapd\n", found->ns_name,
		PACKAGE_VERSION);
	do {
		json_decref(page);
		page = NULL;
		status = client_call(c, CLIENT_CMAP("ExportZone"), json_incref(request),
			&page, f);
		if (status != CTL_OK)
			break;
		const json_t *sets = json_object_get(page, "RecordSets");

		for (size_t i = 0; i < json_array_size(sets); i++)
			n += print_set(c, json_array_get(sets, i));
		token = json_object_get(page, "NextToken");
		if (token != NULL)
			json_object_set(request, "NextToken", token);
	} while (token != NULL && ferror(c->out) == 0);
	json_decref(page);
	json_decref(request);
	if (status == CTL_OK)
		fprintf(c->out, "; %zu records, this is the end\n", n);
	return status;
}

static int print_json(struct ctl *c, const struct found *found, struct failure *f)
{
	json_t *sets = NULL;
	json_t *all;
	int status = client_list(c, CLIENT_CMAP("ExportZone"),
		json_pack("{s:s}", "NamespaceId", found->ns_id), "RecordSets", &sets,
		f);

	if (status != CTL_OK)
		return status;
	all = json_pack("{s:s,s:o}", "NamespaceId", found->ns_id, "RecordSets", sets);
	ctl_print_json(c, all);
	json_decref(all);
	return CTL_OK;
}

int export_zone(struct ctl *c, const struct args *a)
{
	char name[CHECK_NAME_MAX + 1];
	struct found found;
	struct failure f;
	int status = check_namespace_name(c, a->operands[0], false, name);

	if (status == CTL_OK)
		status = find_namespace(c, name, &found);
	if (status != CTL_OK)
		return status;
	if (!found.dns)
		status = ctl_fail(c, CTL_NO,
			"namespace '%s' has no DNS, and so no zone", name);
	else {
		status =
			c->json ? print_json(c, &found, &f) : print_zone(c, &found, &f);
		if (status != CTL_OK)
			status = client_say(c, &f, name, NULL);
	}
	find_free(&found);
	return status;
}
