/* SPDX-License-Identifier: MIT */
/* instance.c -- cmapctl register, renew, deregister. */
#include <string.h>

#include "ctl/check.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/ctl.h"
#include "ctl/each.h"
#include "ctl/find.h"
#include "ctl/pairs.h"
#include "ctl/request.h"

#define RENEW_MAX  1000 /* leases in one RenewLeases */
#define WEIGHT_MAX 255

static int read_addresses(const struct ctl *c, const struct args *a,
	struct registration *r)
{
	const char *text;
	size_t at = 0;

	while ((text = args_next(a, "ip", &at)) != NULL) {
		struct in6_addr address;
		int family;
		int status = check_address(c, "ip", text, &family, &address);

		if (status != CTL_OK)
			return status;
		if (family == AF_INET ? r->has_ipv4 : r->has_ipv6)
			return ctl_fail(c, CTL_USAGE,
				"option '--ip': '%s' is one %s address too many; "
				"register one instance for each",
				text, family == AF_INET ? "IPv4" : "IPv6");
		if (family == AF_INET) {
			memcpy(&r->ipv4, &address, sizeof(r->ipv4));
			r->has_ipv4 = true;
		} else {
			r->ipv6 = address;
			r->has_ipv6 = true;
		}
	}
	return CTL_OK;
}

static int read_attributes(const struct ctl *c, const struct args *a,
	struct registration *r)
{
	static const struct {
		const char *key;
		const char *option;
	} own[] = {{"AWS_INSTANCE_IPV4", "ip"}, {"AWS_INSTANCE_IPV6", "ip"},
		{"AWS_INSTANCE_PORT", "port"}, {"AWS_INSTANCE_CNAME", "cname"},
		{"CMAP_LEASE", "lease"}, {"CMAP_WEIGHT", "weight"},
		{"AWS_INIT_HEALTH_STATUS", "unhealthy"}};
	const char *text;
	size_t at = 0;

	while ((text = args_next(a, "attr", &at)) != NULL) {
		size_t len;
		int status = check_attribute(c, "attr", text, &len);

		for (size_t i = 0; i < CMAP_COUNT(own) && status == CTL_OK; i++) {
			if (strlen(own[i].key) == len &&
				memcmp(own[i].key, text, len) == 0)
				status = ctl_fail(c, CTL_USAGE,
					"option '--attr': '%s' is set by option '--%s'",
					own[i].key, own[i].option);
		}
		if (status == CTL_OK)
			status = pairs_add(c, "attr", text, r->attributes);
		if (status != CTL_OK)
			return status;
	}
	return CTL_OK;
}

static int read_id(const struct ctl *c, const struct args *a, struct registration *r)
{
	const char *id = args_value(a, "id");
	int status;

	if (id == NULL) {
		request_derive_id(r, r->id);
		if (r->id[0] == '\0')
			return ctl_fail(c, CTL_USAGE,
				"'%s' needs a name for the instance: --ip ADDR to make "
				"it from, or --id ID",
				a->command->name);
		return CTL_OK;
	}
	status = check_instance_id(c, id);
	if (status == CTL_OK)
		snprintf(r->id, sizeof(r->id), "%s", id);
	return status;
}

/* Fills r, whose attributes the caller releases even on failure. */
static int read_registration(const struct ctl *c, const struct args *a,
	struct registration *r)
{
	const char *port = args_value(a, "port");
	const char *ttl = args_value(a, "ttl");
	const char *weight = args_value(a, "weight");
	int status;

	*r = (struct registration){.cname = args_value(a, "cname"),
		.lease = args_value(a, "lease"),
		.unhealthy = args_has(a, "unhealthy"),
		.apex = args_has(a, "apex"),
		.ttl_s = REQUEST_TTL_DEFAULT_S,
		.has_ttl = ttl != NULL,
		.attributes = json_object()};
	status = check_service_name(c, a->operands[0], r->name);
	if (status == CTL_OK)
		status = read_addresses(c, a, r);
	if (status == CTL_OK && port != NULL)
		status = check_number(c, "port", port, UINT16_MAX, &r->port);
	if (status == CTL_OK && r->cname != NULL)
		status = check_domain_name(c, "cname", r->cname);
	if (status == CTL_OK && r->cname != NULL &&
		(r->has_ipv4 || r->has_ipv6 || port != NULL))
		status = ctl_fail(c, CTL_USAGE,
			"options '--cname' and '--%s' exclude each other",
			port != NULL ? "port" : "ip");
	if (status == CTL_OK && r->lease != NULL)
		status = check_lease(c, "lease", r->lease);
	if (status == CTL_OK && weight != NULL)
		status = check_number(c, "weight", weight, WEIGHT_MAX, &r->weight);
	if (status == CTL_OK && ttl != NULL)
		status = check_ttl(c, "ttl", ttl, &r->ttl_s);
	if (status == CTL_OK)
		status = read_attributes(c, a, r);
	if (status == CTL_OK)
		status = read_id(c, a, r);
	return status;
}

/*
 * Makes the service that found lacks, and finds it again. Somebody else may be faster:
 * that is as good.
 */
static int make_service(struct ctl *c, const struct registration *r,
	struct found *found)
{
	struct service_wish w = {.records = found->dns ? request_records(r) : 0,
		.ttl_s = r->ttl_s,
		.weighted = r->alias != NULL,
		.custom_health = r->unhealthy};
	struct failure f;
	json_t *reply = NULL;
	int status;

	if (found->dns && r->port != 0 && !r->has_ipv4 && !r->has_ipv6)
		return ctl_fail(c, CTL_USAGE,
			"option '--port' needs '--ip' to make service '%s'", r->name);
	if (found->dns && w.records == 0)
		return ctl_fail(c, CTL_USAGE,
			"service '%s' is yet to be made: give --ip ADDR or --cname "
			"NAME",
			r->name);
	status = client_call(c, CLIENT_AWS("CreateService"),
		request_service(found->ns_id, found->service_name, &w), &reply, &f);
	json_decref(reply);
	if (status != CTL_OK && strcmp(f.type, "ServiceAlreadyExists") != 0)
		return client_say(c, &f, r->name, NULL);
	find_free(found);
	return find_service(c, r->name, found);
}

/* The service keeps its records and its TTL: says what of r will not be in DNS. */
static void warn_unpublished(const struct ctl *c, const struct registration *r,
	const struct found *found)
{
	uint32_t ttl_s;
	unsigned int has = find_records(found->service, &ttl_s);
	unsigned int missing = request_records(r) & ~has;
	char missing_text[24];
	char has_text[24];

	request_records_text(missing, missing_text);
	request_records_text(has, has_text);
	if (missing != 0)
		ctl_warn(c, "no %s record is published for '%s': service '%s' has %s",
			missing_text, r->id, r->name,
			has != 0 ? has_text : "no records");
	if (r->has_ttl && has != 0 && ttl_s != r->ttl_s)
		ctl_warn(c, "service '%s' keeps its TTL of %us", r->name, ttl_s);
}

/* Of a service that was there, or that somebody else was faster to make. */
static int check_custom_health(const struct ctl *c, const struct registration *r,
	const struct found *found)
{
	struct failure none = {.status = CTL_NO, .type = "CustomHealthNotFound"};

	if (!r->unhealthy ||
		json_object_get(found->service, "HealthCheckCustomConfig") != NULL)
		return CTL_OK;
	return client_say(c, &none, r->name, NULL);
}

static int register_found(struct ctl *c, const struct registration *r,
	const struct found *found)
{
	struct failure f;
	json_t *reply = NULL;
	int status = client_call(c, CLIENT_AWS("RegisterInstance"),
		request_register(found->service_id, r), &reply, &f);

	if (status != CTL_OK)
		return client_say(c, &f, r->name, r->id);
	if (c->json) {
		json_object_set_new(reply, "ServiceId", json_string(found->service_id));
		json_object_set_new(reply, "InstanceId", json_string(r->id));
		ctl_print_json(c, reply);
	} else {
		fprintf(c->out, "%s\n", r->id);
	}
	json_decref(reply);
	return CTL_OK;
}

static int register_one(struct ctl *c, const struct registration *r)
{
	struct found found = {0};
	int status = r->apex ? find_place(c, r->name, &found)
			     : find_name(c, r->name, &found);

	if (status == CTL_OK && found.service == NULL)
		status = make_service(c, r, &found);
	if (status == CTL_OK)
		status = check_custom_health(c, r, &found);
	if (status == CTL_OK)
		status = register_found(c, r, &found);
	if (status == CTL_OK && found.dns)
		warn_unpublished(c, r, &found);
	find_free(&found);
	return status;
}

int instance_register(struct ctl *c, const struct args *a)
{
	struct registration r;
	int status = read_registration(c, a, &r);

	if (status == CTL_OK)
		status = register_one(c, &r);
	json_decref(r.attributes);
	return status;
}

int instance_alias(struct ctl *c, const struct args *a)
{
	struct registration r = {.alias = args_value(a, "to"),
		.apex = true,
		.ttl_s = REQUEST_TTL_DEFAULT_S,
		.attributes = json_object()};
	int status = check_service_name(c, a->operands[0], r.name);

	if (status == CTL_OK && r.alias == NULL)
		status = ctl_fail(c, CTL_USAGE, "'alias' needs option '--to'");
	if (status == CTL_OK)
		status = check_domain_name(c, "to", r.alias);
	if (status == CTL_OK)
		status = read_id(c, a, &r);
	if (status == CTL_OK)
		status = register_one(c, &r);
	json_decref(r.attributes);
	return status;
}

/* Says each lease that was not renewed. Returns the status of the first, or CTL_OK. */
static int say_failed(const struct ctl *c, const json_t *reply, const char *name)
{
	json_t *failed = json_object_get(reply, "Failed");
	struct failure last = {0};
	json_t *item;
	size_t at;
	int first = CTL_OK;

	json_array_foreach (failed, at, item) {
		struct failure f;
		int status = client_read_failure(400, item, &f);

		/* A service that is missing is missing for all: once is enough. */
		if (strcmp(f.type, last.type) != 0 ||
			strcmp(f.type, "InstanceNotFound") == 0 ||
			strcmp(f.message, last.message) != 0)
			client_say(c, &f, name, find_text(item, "InstanceId"));
		first = first == CTL_OK ? status : first;
		last = f;
	}
	return first;
}

/*
 * Renews up to RENEW_MAX leases; adds the answer to total, an object of the same form.
 */
static int renew_some(struct ctl *c, const char *name, const char *const *ids, size_t n,
	json_t *total)
{
	json_t *leases = json_array();
	json_t *reply = NULL;
	struct failure f;
	json_int_t renewed;
	int status;

	for (size_t i = 0; i < n; i++)
		json_array_append_new(leases, json_pack("{s:s, s:s}", "ServiceName",
						      name, "InstanceId", ids[i]));
	status = client_call(c, CLIENT_CMAP("RenewLeases"),
		json_pack("{s:o}", "Leases", leases), &reply, &f);
	if (status != CTL_OK)
		return client_say(c, &f, name, NULL);
	status = say_failed(c, reply, name);
	renewed = json_integer_value(json_object_get(total, "Renewed")) +
		  json_integer_value(json_object_get(reply, "Renewed"));
	json_object_set_new(total, "Renewed", json_integer(renewed));
	json_array_extend(json_object_get(total, "Failed"),
		json_object_get(reply, "Failed"));
	json_decref(reply);
	return status;
}

int instance_renew(struct ctl *c, const struct args *a)
{
	char name[CHECK_NAME_MAX + 1];
	json_t *total;
	int status = each_read(c, a, 1, name);

	if (status != CTL_OK)
		return status;
	total = json_pack("{s:i, s:[]}", "Renewed", 0, "Failed");
	for (size_t i = 1; i < a->n_operands; i += RENEW_MAX) {
		size_t left = a->n_operands - i;
		int part = renew_some(c, name, a->operands + i,
			left < RENEW_MAX ? left : RENEW_MAX, total);

		status = status == CTL_OK ? part : status;
	}
	if (c->json)
		ctl_print_json(c, total);
	json_decref(total);
	return status;
}

int instance_deregister(struct ctl *c, const struct args *a)
{
	char name[CHECK_NAME_MAX + 1];
	struct found found;
	int status = each_read(c, a, 1, name);

	if (status == CTL_OK)
		status = find_service(c, name, &found);
	if (status != CTL_OK)
		return status;
	status = each_call(c, a, 1, CLIENT_AWS("DeregisterInstance"),
		json_pack("{s:s}", "ServiceId", found.service_id), "Deregistered");
	find_free(&found);
	return status;
}
