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

json_t *request_namespace(const char *name, enum namespace_kind kind, int64_t soa_ttl_s,
	const char *description)
{
	json_t *o = json_pack("{s:s}", "Name", name);

	if (kind == NAMESPACE_PRIVATE)
		json_object_set_new(o, "Vpc", json_string(REQUEST_VPC));
	if (description != NULL)
		json_object_set_new(o, "Description", json_string(description));
	if (soa_ttl_s >= 0)
		json_object_set_new(o, "Properties",
			json_pack("{s:{s:{s:I}}}", "DnsProperties", "SOA", "TTL",
				(json_int_t)soa_ttl_s));
	return o;
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
	return o;
}

void request_derive_id(const struct registration *r, char out[CHECK_INSTANCE_MAX + 1])
{
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
	} else if (r->cname != NULL) {
		size_t len = strlen(r->cname);

		for (size_t i = 0; i < len && !(r->cname[i] == '.' && i + 1 == len);
			i++)
			buf_add(&b, r->cname[i] == '.' ? "-" : r->cname + i, 1);
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
	if (r->lease != NULL)
		json_object_set_new(attributes, "CMAP_LEASE", json_string(r->lease));
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
