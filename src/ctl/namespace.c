/* SPDX-License-Identifier: MIT */
/* namespace.c -- cmapctl namespace create, list, show, delete; update.c has update. */
#include <string.h>

#include "ctl/check.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/ctl.h"
#include "ctl/delete.h"
#include "ctl/fields.h"
#include "ctl/find.h"
#include "ctl/pairs.h"
#include "ctl/request.h"
#include "ctl/table.h"

static const char *const create_operations[] = {
	[NAMESPACE_PRIVATE] = CLIENT_AWS("CreatePrivateDnsNamespace"),
	[NAMESPACE_PUBLIC] = CLIENT_AWS("CreatePublicDnsNamespace"),
	[NAMESPACE_HTTP] = CLIENT_AWS("CreateHttpNamespace"),
};

/*
 * The operation is finished when cmapd answers; only it knows the id of what was made.
 */
static int tell_created(struct ctl *c, const char *name, const json_t *created)
{
	struct failure f;
	json_t *reply = NULL;
	json_t *operation;
	int status = client_call(c, CLIENT_AWS("GetOperation"),
		json_pack("{s:s}", "OperationId", find_text(created, "OperationId")),
		&reply, &f);

	if (status != CTL_OK)
		return client_say(c, &f, NULL, NULL);
	operation = json_object_get(reply, "Operation");
	if (strcmp(find_text(operation, "Status"), "FAIL") == 0)
		status = ctl_fail(c, CTL_NO, "namespace '%s' was not made: %s: %s",
			name, find_text(operation, "ErrorCode"),
			find_text(operation, "ErrorMessage"));
	else if (c->json)
		ctl_print_json(c, reply);
	else
		fprintf(c->out, "%s\n",
			find_text(json_object_get(operation, "Targets"), "NAMESPACE"));
	json_decref(reply);
	return status;
}

int namespace_create(struct ctl *c, const struct args *a)
{
	enum namespace_kind kind = args_has(a, "http")     ? NAMESPACE_HTTP
				   : args_has(a, "public") ? NAMESPACE_PUBLIC
							   : NAMESPACE_PRIVATE;
	const char *soa_ttl = args_value(a, "soa-ttl"), *vpc = args_value(a, "vpc");
	char name[CHECK_NAME_MAX + 1];
	struct failure f;
	json_t *tags;
	json_t *reply = NULL;
	uint32_t soa_ttl_s = 0;
	int status;

	if (kind == NAMESPACE_HTTP && (args_has(a, "public") || soa_ttl != NULL))
		return ctl_fail(c, CTL_USAGE,
			"options '--http' and '--%s' exclude each other",
			soa_ttl != NULL ? "soa-ttl" : "public");
	if (kind != NAMESPACE_PRIVATE && vpc != NULL)
		return ctl_fail(c, CTL_USAGE,
			"options '--%s' and '--vpc' exclude each other",
			kind == NAMESPACE_HTTP ? "http" : "public");
	status = check_namespace_name(c, a->operands[0], kind != NAMESPACE_HTTP, name);
	if (status == CTL_OK && soa_ttl != NULL)
		status = check_ttl(c, "soa-ttl", soa_ttl, &soa_ttl_s);
	if (status != CTL_OK)
		return status;
	tags = json_object();
	status = pairs_add_options(c, a, "tag", tags);
	if (status == CTL_OK) {
		status = client_call(c, create_operations[kind],
			request_namespace(name, kind, vpc,
				soa_ttl != NULL ? (int64_t)soa_ttl_s : -1,
				args_value(a, "description"), tags),
			&reply, &f);
		if (status == CTL_OK)
			status = tell_created(c, name, reply);
		else
			client_say(c, &f, name, NULL);
	}
	json_decref(tags);
	json_decref(reply);
	return status;
}

int namespace_list(struct ctl *c, const struct args *a)
{
	static const char *const headings[] = {
		"NAME", "ID", "TYPE", "SERVICES", "DESCRIPTION"};
	struct failure f;
	struct table *t;
	json_t *list = NULL;
	json_t *ns;
	size_t at;
	int status = client_list(c, CLIENT_AWS("ListNamespaces"), json_object(),
		"Namespaces", &list, &f);

	(void)a;
	if (status != CTL_OK)
		return client_say(c, &f, NULL, NULL);
	if (c->json) {
		json_t *all = json_pack("{s:o}", "Namespaces", list);

		ctl_print_json(c, all);
		json_decref(all);
		return CTL_OK;
	}
	t = table_new(headings, CMAP_COUNT(headings));
	json_array_foreach (list, at, ns) {
		json_t *count = json_object_get(ns, "ServiceCount");
		char services[24] = "";

		if (json_is_integer(count))
			snprintf(services, sizeof(services), "%lld",
				(long long)json_integer_value(count));
		table_add(t, (const char *const[]){find_http_name(ns),
				     find_text(ns, "Id"), find_text(ns, "Type"),
				     services, find_text(ns, "Description")});
	}
	table_finish(t, c->out);
	json_decref(list);
	return CTL_OK;
}

int namespace_show(struct ctl *c, const struct args *a)
{
	char name[CHECK_NAME_MAX + 1];
	struct found found;
	int status = check_namespace_name(c, a->operands[0], false, name);

	if (status == CTL_OK)
		status = find_namespace(c, name, &found);
	if (status != CTL_OK)
		return status;
	if (c->json) {
		json_t *shown = json_pack("{s:O}", "Namespace", found.ns);

		ctl_print_json(c, shown);
		json_decref(shown);
	} else {
		fields_print(found.ns, c->out);
	}
	find_free(&found);
	return CTL_OK;
}

int namespace_delete(struct ctl *c, const struct args *a)
{
	char name[CHECK_NAME_MAX + 1];
	struct found found;
	struct failure f = {0};
	json_t *reply = NULL;
	int status = check_namespace_name(c, a->operands[0], false, name);

	if (status == CTL_OK)
		status = find_namespace(c, name, &found);
	if (status != CTL_OK)
		return status;
	if (args_has(a, "force"))
		status = delete_services(c, found.ns_id, &f);
	if (status == CTL_OK)
		status = client_call(c, CLIENT_AWS("DeleteNamespace"),
			json_pack("{s:s}", "Id", found.ns_id), &reply, &f);
	find_free(&found);
	if (status != CTL_OK && strcmp(f.type, "ResourceInUse") == 0)
		return ctl_fail(c, status,
			"namespace '%s' holds services; delete them too with: cmapctl "
			"namespace delete %s --force",
			name, name);
	if (status != CTL_OK)
		return client_say(c, &f, name, NULL);
	if (c->json)
		ctl_print_json(c, reply);
	json_decref(reply);
	return CTL_OK;
}
