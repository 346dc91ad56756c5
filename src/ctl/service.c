/* SPDX-License-Identifier: MIT */
/* service.c -- cmapctl service create, list, show, delete; update.c has update. */
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/mem.h"
#include "ctl/check.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/ctl.h"
#include "ctl/delete.h"
#include "ctl/fields.h"
#include "ctl/find.h"
#include "ctl/pairs.h"
#include "ctl/request.h"
#include "ctl/service.h"
#include "ctl/table.h"

/* w->tags is the caller's to release, even on failure. */
static int read_wish(const struct ctl *c, const struct args *a, struct service_wish *w)
{
	const char *ttl = args_value(a, "ttl");
	int status;

	*w = (struct service_wish){.ttl_s = REQUEST_TTL_DEFAULT_S,
		.weighted = args_has(a, "weighted"),
		.http = args_has(a, "http"),
		.custom_health = args_has(a, "custom-health"),
		.tags = json_object()};
	w->records = (args_has(a, "a") ? RECORD_A : 0u) |
		     (args_has(a, "aaaa") ? RECORD_AAAA : 0u) |
		     (args_has(a, "srv") ? RECORD_SRV : 0u) |
		     (args_has(a, "cname") ? RECORD_CNAME : 0u);
	if (w->http && (w->records != 0 || ttl != NULL || w->weighted))
		return ctl_fail(c, CTL_USAGE,
			"option '--http' goes with no option about records");
	if ((w->records & RECORD_CNAME) != 0 && w->records != RECORD_CNAME)
		return ctl_fail(c, CTL_USAGE,
			"option '--cname' goes with no other record");
	status = ttl != NULL ? check_ttl(c, "ttl", ttl, &w->ttl_s) : CTL_OK;
	return status == CTL_OK ? pairs_add_options(c, a, "tag", w->tags) : status;
}

static int create_found(struct ctl *c, const char *name, const struct found *found,
	const struct service_wish *w)
{
	struct failure f;
	json_t *reply = NULL;
	int status;

	if (found->dns && w->records == 0 && !w->http)
		return ctl_fail(c, CTL_USAGE,
			"which records shall '%s' have? --a, --aaaa, --srv or --cname; "
			"or --http for none",
			name);
	status = client_call(c, CLIENT_AWS("CreateService"),
		request_service(found->ns_id, found->service_name, w), &reply, &f);
	if (status != CTL_OK)
		return client_say(c, &f, name, NULL);
	if (c->json)
		ctl_print_json(c, reply);
	else
		fprintf(c->out, "%s\n",
			find_text(json_object_get(reply, "Service"), "Id"));
	json_decref(reply);
	return CTL_OK;
}

int service_create(struct ctl *c, const struct args *a)
{
	char name[CHECK_NAME_MAX + 1];
	struct service_wish w = {0};
	struct found found = {0};
	int status = check_service_name(c, a->operands[0], name);

	if (status == CTL_OK)
		status = read_wish(c, a, &w);
	if (status == CTL_OK)
		status = args_has(a, "apex") ? find_place(c, name, &found)
					     : find_name(c, name, &found);
	if (status == CTL_OK)
		status = create_found(c, name, &found, &w);
	find_free(&found);
	json_decref(w.tags);
	return status;
}

static void add_row(struct table *t, const json_t *service, const char *ns_name)
{
	json_t *count = json_object_get(service, "InstanceCount");
	const char *own = find_text(service, "Name");
	char *name = strcmp(own, ".") == 0 ? xstrdup(ns_name)
					   : xasprintf("%s.%s", own, ns_name);
	char records[24];
	char instances[24] = "";
	char ttl[DURATION_TEXT] = "";
	uint32_t ttl_s;
	unsigned int set = find_records(service, &ttl_s);

	request_records_text(set, records);
	if (set != 0)
		duration_format((int64_t)ttl_s * 1000, ttl);
	if (json_is_integer(count))
		snprintf(instances, sizeof(instances), "%lld",
			(long long)json_integer_value(count));
	table_add(t, (const char *const[]){name, find_text(service, "Id"), records, ttl,
			     instances, find_text(service, "Description")});
	free(name);
}

/* Adds the services of ns to all, each with the name of its namespace. */
static int collect(struct ctl *c, const json_t *ns, json_t *all, struct failure *f)
{
	json_t *list = NULL;
	json_t *service;
	size_t at;
	int status = client_list(c, CLIENT_AWS("ListServices"),
		json_pack("{s:[{s:s, s:[s]}]}", "Filters", "Name", "NAMESPACE_ID",
			"Values", find_text(ns, "Id")),
		"Services", &list, f);

	json_array_foreach (list, at, service) {
		json_object_set_new(service, "NamespaceName",
			json_string(find_http_name(ns)));
		json_array_append(all, service);
	}
	json_decref(list);
	return status;
}

int service_collect(struct ctl *c, const json_t *ns, json_t **out)
{
	json_t *all = json_array();
	json_t *namespaces = NULL;
	json_t *one;
	size_t at;
	struct failure f;
	int status = CTL_OK;

	if (ns != NULL)
		status = collect(c, ns, all, &f);
	else
		status = client_list(c, CLIENT_AWS("ListNamespaces"), json_object(),
			"Namespaces", &namespaces, &f);
	json_array_foreach (namespaces, at, one) {
		if (status == CTL_OK)
			status = collect(c, one, all, &f);
	}
	json_decref(namespaces);
	if (status == CTL_OK) {
		*out = all;
		return CTL_OK;
	}
	json_decref(all);
	return client_say(c, &f, NULL, NULL);
}

int service_list(struct ctl *c, const struct args *a)
{
	static const char *const headings[] = {
		"SERVICE", "ID", "RECORDS", "TTL", "INSTANCES", "DESCRIPTION"};
	char name[CHECK_NAME_MAX + 1];
	struct found found = {0};
	json_t *all = NULL;
	int status = CTL_OK;

	if (a->n_operands > 0)
		status = check_namespace_name(c, a->operands[0], false, name);
	if (status == CTL_OK && a->n_operands > 0)
		status = find_namespace(c, name, &found);
	if (status == CTL_OK)
		status = service_collect(c, found.ns, &all);
	if (status == CTL_OK && c->json) {
		json_t *shown = json_pack("{s:O}", "Services", all);

		ctl_print_json(c, shown);
		json_decref(shown);
	} else if (status == CTL_OK) {
		struct table *t = table_new(headings, CMAP_COUNT(headings));
		json_t *service;
		size_t at;

		json_array_foreach (all, at, service)
			add_row(t, service, find_text(service, "NamespaceName"));
		table_finish(t, c->out);
	}
	json_decref(all);
	find_free(&found);
	return status;
}

int service_show(struct ctl *c, const struct args *a)
{
	char name[CHECK_NAME_MAX + 1];
	struct found found;
	int status = check_service_name(c, a->operands[0], name);

	if (status == CTL_OK)
		status = find_service(c, name, &found);
	if (status != CTL_OK)
		return status;
	if (c->json) {
		json_t *shown = json_pack("{s:O}", "Service", found.service);

		ctl_print_json(c, shown);
		json_decref(shown);
	} else {
		fields_print(found.service, c->out);
	}
	find_free(&found);
	return CTL_OK;
}

int service_delete(struct ctl *c, const struct args *a)
{
	char name[CHECK_NAME_MAX + 1];
	struct found found;
	struct failure f = {0};
	json_t *reply = NULL;
	int status = check_service_name(c, a->operands[0], name);

	if (status == CTL_OK)
		status = find_service(c, name, &found);
	if (status != CTL_OK)
		return status;
	if (args_has(a, "force"))
		status = delete_instances(c, found.service_id, &f);
	if (status == CTL_OK)
		status = client_call(c, CLIENT_AWS("DeleteService"),
			json_pack("{s:s}", "Id", found.service_id), &reply, &f);
	find_free(&found);
	if (status != CTL_OK && strcmp(f.type, "ResourceInUse") == 0)
		return ctl_fail(c, status,
			"service '%s' holds instances; deregister them too with: "
			"cmapctl service delete %s --force",
			name, name);
	if (status != CTL_OK)
		return client_say(c, &f, name, NULL);
	if (c->json)
		ctl_print_json(c, reply);
	json_decref(reply);
	return CTL_OK;
}
