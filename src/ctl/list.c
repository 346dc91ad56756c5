/* SPDX-License-Identifier: MIT */
/* list.c -- cmapctl list and discover: instances as rows. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/duration.h"
#include "base/mem.h"
#include "ctl/check.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/ctl.h"
#include "ctl/fields.h"
#include "ctl/find.h"
#include "ctl/service.h"
#include "ctl/table.h"

#define DISCOVER_MAX 1000 /* Cloud Map's limit for MaxResults */

/* Attributes that have a column of their own. */
static const char *const address_keys[] = {"AWS_INSTANCE_IPV4", "AWS_INSTANCE_IPV6",
	"AWS_INSTANCE_CNAME", "AWS_ALIAS_DNS_NAME"};
static const char *const other_keys[] = {"AWS_INSTANCE_PORT", "CMAP_LEASE"};

static bool is_one_of(const char *key, const char *const *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(keys[i], key) == 0)
			return true;
	}
	return false;
}

static void add_address(struct buf *b, const json_t *attributes)
{
	for (size_t i = 0; i < CMAP_COUNT(address_keys); i++) {
		const char *text = find_text(attributes, address_keys[i]);

		if (text[0] != '\0')
			buf_printf(b, "%s%s", b->len > 0 ? "," : "", text);
	}
}

static void add_attributes(struct buf *b, json_t *attributes)
{
	const char *key;
	json_t *value;

	json_object_foreach (attributes, key, value) {
		if (!is_one_of(key, address_keys, CMAP_COUNT(address_keys)) &&
			!is_one_of(key, other_keys, CMAP_COUNT(other_keys)))
			buf_printf(b, "%s%s=%s", b->len > 0 ? " " : "", key,
				json_is_string(value) ? json_string_value(value) : "");
	}
}

/* Of ListInstances. service: its full name, or NULL for a table without that column. */
static void add_listed(struct table *t, const char *service, const json_t *instance)
{
	json_t *attributes = json_object_get(instance, "Attributes");
	json_t *lease = json_object_get(instance, "LeaseMs");
	json_t *left = json_object_get(instance, "LeaseRemainingMs");
	char lease_text[DURATION_TEXT] = "";
	char left_text[FIELDS_TIME_TEXT] = "";
	struct buf address = {0};
	struct buf rest = {0};
	const char *cells[] = {service, find_text(instance, "Id"), NULL,
		find_text(attributes, "AWS_INSTANCE_PORT"), lease_text, left_text,
		NULL};

	if (json_is_integer(lease) && json_integer_value(lease) >= 0)
		duration_format(json_integer_value(lease), lease_text);
	if (json_is_integer(left) && json_integer_value(left) >= 0)
		fields_time_left(json_integer_value(left), left_text);
	add_address(&address, attributes);
	add_attributes(&rest, attributes);
	cells[2] = buf_text(&address);
	cells[6] = buf_text(&rest);
	table_add(t, service != NULL ? cells : cells + 1);
	buf_free(&address);
	buf_free(&rest);
}

static int list_one(struct ctl *c, const char *service_id, json_t **instances,
	struct failure *f)
{
	return client_list(c, CLIENT_CMAP("ListInstances"),
		json_pack("{s:s}", "ServiceId", service_id), "Instances", instances, f);
}

static const char *const list_headings[] = {
	"SERVICE", "ID", "ADDRESS", "PORT", "LEASE", "LEFT", "ATTRIBUTES"};

static int list_service(struct ctl *c, const char *operand)
{
	char name[CHECK_NAME_MAX + 1];
	struct found found;
	struct failure f;
	json_t *list = NULL;
	json_t *instance;
	size_t at;
	int status = check_service_name(c, operand, name);

	if (status == CTL_OK)
		status = find_service(c, name, &found);
	if (status != CTL_OK)
		return status;
	status = list_one(c, found.service_id, &list, &f);
	find_free(&found);
	if (status != CTL_OK)
		return client_say(c, &f, name, NULL);
	if (c->json) {
		json_t *shown = json_pack("{s:O}", "Instances", list);

		ctl_print_json(c, shown);
		json_decref(shown);
	} else {
		struct table *t =
			table_new(list_headings + 1, CMAP_COUNT(list_headings) - 1);

		json_array_foreach (list, at, instance)
			add_listed(t, NULL, instance);
		table_finish(t, c->out);
	}
	json_decref(list);
	return CTL_OK;
}

/* A service without instances is a row, too: it exists and answers with nothing. */
static void add_service(struct table *t, const json_t *service)
{
	const char *own = find_text(service, "Name");
	const char *ns = find_text(service, "NamespaceName");
	char *name = strcmp(own, ".") == 0 ? xstrdup(ns) : xasprintf("%s.%s", own, ns);
	json_t *list = json_object_get(service, "Instances");
	json_t *instance;
	size_t at;

	json_array_foreach (list, at, instance)
		add_listed(t, name, instance);
	if (json_array_size(list) == 0)
		table_add(t, (const char *const[CMAP_COUNT(list_headings)]){name});
	free(name);
}

/* Gives every service its "Instances". */
static int fill_services(struct ctl *c, json_t *services)
{
	json_t *service;
	size_t at;

	json_array_foreach (services, at, service) {
		struct failure f;
		json_t *list = NULL;
		int status = list_one(c, find_text(service, "Id"), &list, &f);

		if (status == CTL_NOT_FOUND) /* deleted since */
			continue;
		if (status != CTL_OK)
			return client_say(c, &f, NULL, NULL);
		json_object_set_new(service, "Instances", list);
	}
	return CTL_OK;
}

static int list_all(struct ctl *c)
{
	json_t *services = NULL;
	int status = service_collect(c, NULL, &services);

	if (status == CTL_OK)
		status = fill_services(c, services);
	if (status == CTL_OK && c->json) {
		json_t *shown = json_pack("{s:O}", "Services", services);

		ctl_print_json(c, shown);
		json_decref(shown);
	} else if (status == CTL_OK) {
		struct table *t = table_new(list_headings, CMAP_COUNT(list_headings));
		json_t *service;
		size_t at;

		json_array_foreach (services, at, service)
			add_service(t, service);
		table_finish(t, c->out);
	}
	json_decref(services);
	return status;
}

int instance_list(struct ctl *c, const struct args *a)
{
	return a->n_operands > 0 ? list_service(c, a->operands[0]) : list_all(c);
}

/* Reads the options of discover into request. */
static int read_filter(const struct ctl *c, const struct args *a, json_t *request)
{
	static const struct {
		const char *option;
		const char *value;
	} health[] = {{"healthy", "HEALTHY"}, {"unhealthy", "UNHEALTHY"},
		{"all", "ALL"}, {"healthy-or-all", "HEALTHY_OR_ELSE_ALL"}};
	const char *chosen = NULL;
	const char *text;
	uint32_t max = DISCOVER_MAX;
	size_t at = 0;
	int status = CTL_OK;

	for (size_t i = 0; i < CMAP_COUNT(health); i++) {
		if (!args_has(a, health[i].option))
			continue;
		if (chosen != NULL)
			return ctl_fail(c, CTL_USAGE,
				"options '--%s' and '--%s' exclude each other", chosen,
				health[i].option);
		chosen = health[i].option;
		json_object_set_new(request, "HealthStatus",
			json_string(health[i].value));
	}
	text = args_value(a, "max");
	if (text != NULL)
		status = check_number(c, "max", text, DISCOVER_MAX, &max);
	json_object_set_new(request, "MaxResults", json_integer(max));
	while (status == CTL_OK && (text = args_next(a, "query", &at)) != NULL) {
		json_t *query = json_object_get(request, "QueryParameters");
		char *key;
		size_t len;

		status = check_attribute(c, "query", text, &len);
		if (status != CTL_OK)
			break;
		if (query == NULL) {
			query = json_object();
			json_object_set_new(request, "QueryParameters", query);
		}
		key = xstrndup(text, len);
		json_object_set_new(query, key, json_string(text + len + 1));
		free(key);
	}
	return status;
}

static void print_discovered(const struct ctl *c, const json_t *list)
{
	static const char *const headings[] = {
		"ID", "ADDRESS", "PORT", "HEALTH", "ATTRIBUTES"};
	struct table *t = table_new(headings, CMAP_COUNT(headings));
	json_t *instance;
	size_t at;

	json_array_foreach (list, at, instance) {
		json_t *attributes = json_object_get(instance, "Attributes");
		struct buf address = {0};
		struct buf rest = {0};

		add_address(&address, attributes);
		add_attributes(&rest, attributes);
		table_add(t,
			(const char *const[]){find_text(instance, "InstanceId"),
				buf_text(&address),
				find_text(attributes, "AWS_INSTANCE_PORT"),
				find_text(instance, "HealthStatus"), buf_text(&rest)});
		buf_free(&address);
		buf_free(&rest);
	}
	table_finish(t, c->out);
}

static int discover_found(struct ctl *c, const char *name, const struct found *found,
	json_t *request)
{
	struct failure f;
	json_t *reply = NULL;
	json_t *list;
	int status;

	json_object_set_new(request, "NamespaceName", json_string(found->http_name));
	json_object_set_new(request, "ServiceName", json_string(found->service_name));
	status = client_call(c, CLIENT_AWS("DiscoverInstances"), json_incref(request),
		&reply, &f);
	if (status != CTL_OK)
		return client_say(c, &f, name, NULL);
	list = json_object_get(reply, "Instances");
	if (c->json)
		ctl_print_json(c, reply);
	else
		print_discovered(c, list);
	if (json_array_size(list) == 0)
		status = ctl_fail(c, CTL_NO, "no instance of '%s' matches", name);
	json_decref(reply);
	return status;
}

int instance_discover(struct ctl *c, const struct args *a)
{
	char name[CHECK_NAME_MAX + 1];
	struct found found = {0};
	json_t *request = json_object();
	int status = check_service_name(c, a->operands[0], name);

	if (status == CTL_OK)
		status = read_filter(c, a, request);
	if (status == CTL_OK)
		status = find_service(c, name, &found);
	if (status == CTL_OK)
		status = discover_found(c, name, &found, request);
	find_free(&found);
	json_decref(request);
	return status;
}
