/* SPDX-License-Identifier: MIT */
#include "ctl/request.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define LABEL_MAX 63

static const struct {
	enum record record;
	const char *name;
} record_names[] = {{RECORD_A, "A"}, {RECORD_AAAA, "AAAA"}, {RECORD_SRV, "SRV"},
	{RECORD_CNAME, "CNAME"}};

json_t *request_tags(json_t *tags)
{
	json_t *list = json_array();
	const char *key;
	json_t *value;

	json_object_foreach (tags, key, value)
		json_array_append_new(list,
			json_pack("{s:s, s:O}", "Key", key, "Value", value));
	return list;
}

static void add_tags(json_t *request, json_t *tags)
{
	if (json_object_size(tags) > 0)
		json_object_set_new(request, "Tags", request_tags(tags));
}

/* What namespaces can have and be given: soa_ttl_s < 0 and description NULL are left out. */
static void add_changeable(json_t *o, int64_t soa_ttl_s, const char *description)
{
	if (description != NULL)
		json_object_set_new(o, "Description", json_string(description));
	if (soa_ttl_s >= 0)
		json_object_set_new(o, "Properties",
			json_pack("{s:{s:{s:I}}}", "DnsProperties", "SOA", "TTL",
				(json_int_t)soa_ttl_s));
}

json_t *request_namespace(const char *name, enum namespace_kind kind, const char *vpc,
	int64_t soa_ttl_s, const char *description, json_t *tags)
{
	json_t *o = json_pack("{s:s}", "Name", name);

	if (kind == NAMESPACE_PRIVATE)
		json_object_set_new(o, "Vpc",
			json_string(vpc != NULL ? vpc : REQUEST_VPC));
	add_changeable(o, soa_ttl_s, description);
	add_tags(o, tags);
	return o;
}

json_t *request_namespace_update(const char *id, int64_t soa_ttl_s,
	const char *description)
{
	json_t *change = json_object();

	add_changeable(change, soa_ttl_s, description);
	return json_pack("{s:s, s:o}", "Id", id, "Namespace", change);
}

json_t *request_service(const char *namespace_id, const char *name,
	const struct service_wish *w)
{
	json_t *o = json_pack("{s:s, s:s}", "NamespaceId", namespace_id, "Name", name);

	if (w->records != 0) {
		bool weighted = w->weighted || (w->records & RECORD_CNAME) != 0;
		json_t *records = json_array();

		for (size_t i = 0; i < CMAP_COUNT(record_names); i++) {
			if ((w->records & record_names[i].record) != 0)
				json_array_append_new(records,
					json_pack("{s:s, s:I}", "Type",
						record_names[i].name, "TTL",
						(json_int_t)w->ttl_s));
		}
		json_object_set_new(o, "DnsConfig",
			json_pack("{s:s, s:o}", "RoutingPolicy",
				weighted ? "WEIGHTED" : "MULTIVALUE", "DnsRecords",
				records));
	}
	if (w->http)
		json_object_set_new(o, "Type", json_string("HTTP"));
	if (w->custom_health)
		json_object_set_new(o, "HealthCheckCustomConfig", json_object());
	add_tags(o, w->tags);
	return o;
}

json_t *request_service_update(const json_t *service, int64_t ttl_s,
	const char *description)
{
	const json_t *config = json_object_get(service, "DnsConfig");
	json_t *health = json_object_get(service, "HealthCheckConfig");
	json_t *records = json_deep_copy(json_object_get(config, "DnsRecords"));
	json_t *change = json_object();
	json_t *record;
	size_t at;

	if (description != NULL)
		json_object_set_new(change, "Description", json_string(description));
	json_array_foreach (records, at, record) {
		if (ttl_s >= 0)
			json_object_set_new(record, "TTL",
				json_integer((json_int_t)ttl_s));
	}
	if (records != NULL)
		json_object_set_new(change, "DnsConfig",
			json_pack("{s:o}", "DnsRecords", records));
	if (health != NULL)
		json_object_set(change, "HealthCheckConfig", health);
	return json_pack("{s:O, s:o}", "Id", json_object_get(service, "Id"), "Service",
		change);
}

void request_derive_id(const struct registration *r, char out[CHECK_INSTANCE_MAX + 1])
{
	const char *name = r->cname != NULL ? r->cname : r->alias;
	struct buf b = {0};

	if (r->has_ipv4) {
		uint32_t a = ntohl(r->ipv4.s_addr);

		buf_printf(&b, "%u-%u-%u-%u", a >> 24, a >> 16 & 255, a >> 8 & 255,
			a & 255);
	} else if (r->has_ipv6) {
		for (size_t i = 0; i < 16; i += 2)
			buf_printf(&b, "%s%x", i > 0 ? "-" : "",
				(unsigned int)(r->ipv6.s6_addr[i] << 8 |
					       r->ipv6.s6_addr[i + 1]));
	} else if (name != NULL) {
		size_t len = strlen(name);

		for (size_t i = 0; i < len && !(name[i] == '.' && i + 1 == len); i++)
			buf_add(&b, name[i] == '.' ? "-" : name + i, 1);
	}
	if (b.len > 0 && r->port != 0)
		buf_printf(&b, "-%u", r->port);
	snprintf(out, CHECK_INSTANCE_MAX + 1, "%s",
		b.len <= LABEL_MAX ? buf_text(&b) : "");
	buf_free(&b);
}

unsigned int request_records(const struct registration *r)
{
	if (r->cname != NULL)
		return RECORD_CNAME;
	if (r->alias != NULL)
		return RECORD_A | RECORD_AAAA;
	return (r->has_ipv4 ? RECORD_A : 0u) | (r->has_ipv6 ? RECORD_AAAA : 0u) |
	       (r->port != 0 ? RECORD_SRV : 0u);
}

json_t *request_register(const char *service_id, const struct registration *r)
{
	json_t *attributes = json_object();
	char text[INET6_ADDRSTRLEN];

	if (r->has_ipv4)
		json_object_set_new(attributes, "AWS_INSTANCE_IPV4",
			json_string(inet_ntop(AF_INET, &r->ipv4, text, sizeof(text))));
	if (r->has_ipv6)
		json_object_set_new(attributes, "AWS_INSTANCE_IPV6",
			json_string(inet_ntop(AF_INET6, &r->ipv6, text, sizeof(text))));
	if (r->port != 0)
		json_object_set_new(attributes, "AWS_INSTANCE_PORT",
			json_sprintf("%u", r->port));
	if (r->cname != NULL)
		json_object_set_new(attributes, "AWS_INSTANCE_CNAME",
			json_string(r->cname));
	if (r->alias != NULL)
		json_object_set_new(attributes, "AWS_ALIAS_DNS_NAME",
			json_string(r->alias));
	if (r->lease != NULL)
		json_object_set_new(attributes, "CMAP_LEASE", json_string(r->lease));
	if (r->weight != 0)
		json_object_set_new(attributes, "CMAP_WEIGHT",
			json_sprintf("%u", r->weight));
	if (r->unhealthy)
		json_object_set_new(attributes, "AWS_INIT_HEALTH_STATUS",
			json_string("UNHEALTHY"));
	json_object_update(attributes, r->attributes);
	return json_pack("{s:s, s:s, s:o}", "ServiceId", service_id, "InstanceId",
		r->id, "Attributes", attributes);
}

unsigned int request_record(const char *type)
{
	for (size_t i = 0; i < CMAP_COUNT(record_names); i++) {
		if (strcmp(record_names[i].name, type) == 0)
			return record_names[i].record;
	}
	return 0;
}

void request_records_text(unsigned int records, char out[24])
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < CMAP_COUNT(record_names); i++) {
		if ((records & record_names[i].record) != 0)
			len += (size_t)snprintf(out + len, 24 - len, "%s%s",
				len > 0 ? "," : "", record_names[i].name);
	}
}
