/* SPDX-License-Identifier: MIT */
#include "model/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/dns_text.h"
#include "model/reserved.h"

#define TTL_MAX               2147483647 /* RFC 2181 s8 */
#define FAILURE_THRESHOLD_MAX 10

#define NAME_FORM                                                                      \
	"Name must be 1 to %d printable ASCII characters without spaces, and must "    \
	"not "                                                                         \
	"begin with 'arn:'."

#define REFUSE(f, ...) (fault_set((f), FAULT_INVALID_INPUT, __VA_ARGS__), false)

static bool check_namespace_name(const struct namespace *ns, struct fault *f)
{
	size_t len = strlen(ns->name);

	switch (ns->type) {
	case NAMESPACE_HTTP:
		if (!rules_is_namespace_name_http(ns->name, len))
			return REFUSE(f, NAME_FORM, 1024);
		return true;
	case NAMESPACE_DNS_PUBLIC:
		if (!rules_is_namespace_name_public(ns->name, len))
			return REFUSE(f,
				"Name of a public DNS namespace must be a domain name "
				"of two or more labels, such as example.com.");
		break;
	case NAMESPACE_DNS_PRIVATE:
		if (!rules_is_namespace_name_private(ns->name, len))
			return REFUSE(f, NAME_FORM, 253);
		break;
	}
	if (!dns_text_is_name(ns->name, len))
		return REFUSE(f,
			"Name '%s' must be a domain name: labels of 1 to 63 characters "
			"between dots, without backslashes.",
			ns->name);
	return true;
}

bool rules_check_namespace(const struct namespace *ns, struct fault *f)
{
	if (!check_namespace_name(ns, f))
		return false;
	if (ns->soa_ttl < -1 || ns->soa_ttl > TTL_MAX)
		return REFUSE(f, "TTL of the SOA must be 0 to %d seconds.", TTL_MAX);
	return true;
}

static bool check_dns_config_allowed(const struct namespace *ns,
	const struct service *s, struct fault *f)
{
	bool has_dns_config = s->n_records > 0 || s->has_routing;

	if (!has_dns_config)
		return true;
	if (ns->type == NAMESPACE_HTTP)
		return REFUSE(f,
			"When you specify an HTTP service, you can't include a "
			"DnsConfig element.");
	if (s->http_only)
		return REFUSE(f,
			"A service of Type HTTP has no DNS records; leave out Type "
			"or DnsConfig.");
	if (s->n_records == 0)
		return REFUSE(f, "DnsConfig must have at least one of DnsRecords.");
	if (s->n_records > RECORD_N)
		return REFUSE(f, "DnsRecords must have each Type only once.");
	return true;
}

static bool check_records(const struct service *s, struct fault *f)
{
	unsigned seen = 0;

	for (uint8_t i = 0; i < s->n_records; i++) {
		const struct dns_record *r = &s->records[i];

		if (seen & 1U << r->type)
			return REFUSE(f,
				"DnsRecords must have each Type only once; %s is there "
				"twice.",
				record_type_name(r->type));
		if (r->ttl > TTL_MAX)
			return REFUSE(f,
				"TTL of the %s record must be 0 to %d seconds.",
				record_type_name(r->type), TTL_MAX);
		seen |= 1U << r->type;
	}
	if (!(seen & 1U << RECORD_CNAME))
		return true;
	if (s->n_records > 1)
		return REFUSE(f,
			"A CNAME record cannot stand beside other records; use a "
			"service of its own for it.");
	if (s->has_routing && s->routing != ROUTING_WEIGHTED)
		return REFUSE(f,
			"A service with a CNAME record must have the RoutingPolicy "
			"WEIGHTED.");
	if (strcmp(s->name, ".") == 0)
		return REFUSE(f,
			"The service '.' stands at the apex of its zone, beside SOA "
			"and NS, so it cannot have a CNAME record.");
	return true;
}

static bool check_health(const struct namespace *ns, const struct service *s,
	struct fault *f)
{
	if (!s->has_health_check)
		return true;
	if (s->has_custom_health)
		return REFUSE(f,
			"Specify either HealthCheckConfig or HealthCheckCustomConfig, "
			"but not both.");
	if (ns->type == NAMESPACE_DNS_PRIVATE)
		return REFUSE(f,
			"HealthCheckConfig cannot be used in a private DNS namespace; "
			"use HealthCheckCustomConfig.");
	if (service_record(s, RECORD_CNAME))
		return REFUSE(f,
			"HealthCheckConfig cannot be used with a CNAME record.");
	if (s->health_check.type == HEALTH_TCP && s->health_check.resource_path)
		return REFUSE(f, "ResourcePath must not be given for a health check of "
				 "Type TCP.");
	if (s->health_check.failure_threshold < 1 ||
		s->health_check.failure_threshold > FAILURE_THRESHOLD_MAX)
		return REFUSE(f, "FailureThreshold must be 1 to %d.",
			FAILURE_THRESHOLD_MAX);
	return true;
}

static bool check_service_dns_name(const struct namespace *ns, const struct service *s,
	struct fault *f)
{
	char *name = rules_service_dns_name(ns, s);
	bool ok = !name || dns_text_is_name(name, strlen(name));

	free(name);
	if (!ok)
		return REFUSE(f,
			"Name '%s' is too long below '%s': a domain name has at most "
			"%d characters.",
			s->name, ns->name, DNS_TEXT_NAME_MAX);
	return true;
}

bool rules_check_service(const struct namespace *ns, const struct service *s,
	struct fault *f)
{
	if (!rules_is_service_name(s->name, strlen(s->name)))
		return REFUSE(f,
			"Name of a service must be '.' or labels of letters, digits, "
			"'-' and '_' between dots, at most 63 characters each and 127 "
			"in all; none may begin or end with '-' or be '_' alone.");
	return check_dns_config_allowed(ns, s, f) && check_records(s, f) &&
	       check_health(ns, s, f) && check_service_dns_name(ns, s, f);
}

char *rules_service_dns_name(const struct namespace *ns, const struct service *s)
{
	char *zone, *name;

	if (ns->type == NAMESPACE_HTTP || s->n_records == 0)
		return NULL;
	zone = dns_text_fold(ns->name);
	if (strcmp(s->name, ".") == 0)
		return zone;
	name = xasprintf("%s.%s", s->name, zone);
	dns_text_lower(name);
	free(zone);
	return name;
}

static bool has_named_ports(const struct attributes *a)
{
	const char *k, *v;
	uint32_t pos = 0;

	while (attributes_next(a, &pos, &k, &v))
		if (reserved_is_named_port(k))
			return true;
	return false;
}

char *rules_instance_dns_name(const struct service *s, const struct instance *i)
{
	char *service, *name;

	if (!service_record(s, RECORD_SRV) && !has_named_ports(&i->attributes))
		return NULL;
	service = rules_service_dns_name(s->ns, s);
	if (!service)
		return NULL;
	name = xasprintf("%s.%s", i->id, service);
	dns_text_lower(name);
	free(service);
	return name;
}
