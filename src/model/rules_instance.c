/* SPDX-License-Identifier: MIT */
/* What an instance may be registered with. */
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/error.h"
#include "base/mem.h"
#include "model/dns_text.h"
#include "model/reserved.h"
#include "model/rules.h"

#define REFUSE(f, ...) (fault_set((f), FAULT_INVALID_INPUT, __VA_ARGS__), false)

static bool has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static bool check_id(const struct service *s, const struct instance *i, struct fault *f)
{
	const char *id = i->id;
	char *name;
	bool ok;

	if (!rules_is_instance_id(id, strlen(id)))
		return REFUSE(f,
			"InstanceId must be 1 to %d letters, digits or _ / : . @ -",
			RULES_INSTANCE_ID_MAX);
	name = rules_instance_dns_name(s, i);
	ok = !name || dns_text_is_name(name, strlen(name));
	free(name);
	if (!ok)
		return REFUSE(f,
			"InstanceId '%s' must make a domain name below the service's, "
			"which has an SRV record%s: 1 to %d characters between dots, "
			"at most %d in all.",
			id, service_record(s, RECORD_SRV) ? "" : " of a named port",
			DNS_TEXT_LABEL_MAX, DNS_TEXT_NAME_MAX);
	return true;
}

/* Form of all keys and values, their number, their size, and no CMAP_ key that means nothing. */
static bool check_form(const struct attributes *a, struct fault *f)
{
	const char *k, *v;
	uint32_t pos = 0, custom = 0;
	size_t total = 0;

	while (attributes_next(a, &pos, &k, &v)) {
		if (!rules_is_attribute_key(k, strlen(k)))
			return REFUSE(f,
				"The key of an attribute must be 1 to %d printable "
				"ASCII characters without spaces.",
				RULES_ATTRIBUTE_KEY_MAX);
		if (!rules_is_attribute_value(v, strlen(v)))
			return REFUSE(f,
				"The value of attribute %s must be at most %d "
				"printable ASCII characters and must not begin with a "
				"space.",
				k, RULES_ATTRIBUTE_VALUE_MAX);
		if (has_prefix(k, RESERVED_CMAP_PREFIX) &&
			strcmp(k, RESERVED_LEASE) != 0 &&
			strcmp(k, RESERVED_WEIGHT) != 0 &&
			strcmp(k, RESERVED_PUBLIC_IPV4) != 0 &&
			strcmp(k, RESERVED_PUBLIC_IPV6) != 0 &&
			!reserved_is_named_port(k))
			return REFUSE(f,
				"Attribute %s is not known; of those that begin with "
				"CMAP_ there are " RESERVED_LEASE ", " RESERVED_WEIGHT
				", " RESERVED_PUBLIC_IPV4 ", " RESERVED_PUBLIC_IPV6
				" and " RESERVED_NAMED_PORT "name.",
				k);
		total += strlen(k) + strlen(v);
		custom += !has_prefix(k, RESERVED_CMAP_PREFIX) &&
			  !has_prefix(k, RESERVED_AWS_PREFIX);
	}
	if (custom > RULES_CUSTOM_ATTRIBUTES)
		return REFUSE(f,
			"An instance can have at most %d custom attributes, not %u.",
			RULES_CUSTOM_ATTRIBUTES, custom);
	if (total > RULES_ATTRIBUTES_TOTAL_MAX)
		return REFUSE(f,
			"The keys and values of all attributes can have at most %d "
			"bytes together, not %zu.",
			RULES_ATTRIBUTES_TOTAL_MAX, total);
	return true;
}

static bool check_address(const struct attributes *a, const char *key, bool is_ipv6,
	struct fault *f)
{
	const char *text = attributes_get(a, key);
	struct in_addr in;
	struct in6_addr in6;
	int err = CMAP_OK;

	if (text != NULL)
		err = is_ipv6 ? reserved_parse_ipv6(text, &in6)
			      : reserved_parse_ipv4(text, &in);
	if (err == CMAP_E_RANGE)
		return REFUSE(f, "%s must be the address of one host; '%s' is none.",
			key, text);
	if (err)
		return REFUSE(f, "%s must be an %s, not '%.64s'.", key,
			is_ipv6 ? "IPv6 address such as fd00::1"
				: "IPv4 address such as 10.0.0.1",
			text);
	return true;
}

static bool check_addresses(const struct attributes *a, struct fault *f)
{
	return check_address(a, RESERVED_IPV4, false, f) &&
	       check_address(a, RESERVED_IPV6, true, f) &&
	       check_address(a, RESERVED_PUBLIC_IPV4, false, f) &&
	       check_address(a, RESERVED_PUBLIC_IPV6, true, f);
}

static bool check_port_and_cname(const struct attributes *a, struct fault *f)
{
	const char *port = attributes_get(a, RESERVED_PORT);
	const char *cname = attributes_get(a, RESERVED_CNAME);
	uint16_t number;

	if (port && reserved_parse_port(port, &number))
		return REFUSE(f, "A valid port number must be supplied.");
	if (cname && !dns_text_is_host(cname, strlen(cname)))
		return REFUSE(f,
			RESERVED_CNAME
			" must be a domain name such as www.example.com, not '%.64s'.",
			cname);
	return true;
}

static bool check_lease(const struct attributes *a, struct fault *f)
{
	const char *lease = attributes_get(a, RESERVED_LEASE);
	char min[DURATION_TEXT], max[DURATION_TEXT];
	int64_t ms;

	if (!lease || reserved_parse_lease(lease, &ms) == CMAP_OK)
		return true;
	duration_format(RULES_LEASE_MIN_MS, min);
	duration_format(RULES_LEASE_MAX_MS, max);
	return REFUSE(f,
		RESERVED_LEASE
		" must be a duration from %s to %s, such as 30s, not '%.64s'.",
		min, max, lease);
}

static bool check_weight(const struct attributes *a, struct fault *f)
{
	const char *weight = attributes_get(a, RESERVED_WEIGHT);
	uint8_t number;

	if (!weight || reserved_parse_weight(weight, &number) == CMAP_OK)
		return true;
	return REFUSE(f,
		RESERVED_WEIGHT " must be a number from 1 to 255, not '%.64s'.",
		weight);
}

/* Cloud Map API, RegisterInstance: an alias stands for all that an instance has in DNS. */
static bool check_alias(const struct service *s, const struct attributes *a,
	struct fault *f)
{
	const char *alias = attributes_get(a, RESERVED_ALIAS);
	const char *k, *v;
	uint32_t pos = 0;

	if (alias == NULL)
		return true;
	if (!dns_text_is_host(alias, strlen(alias)))
		return REFUSE(f,
			RESERVED_ALIAS
			" must be a domain name such as lb.example.com, not '%.64s'.",
			alias);
	while (attributes_next(a, &pos, &k, &v))
		if (has_prefix(k, RESERVED_INSTANCE_PREFIX))
			return REFUSE(f,
				RESERVED_ALIAS " cannot be used together with %s.", k);
	if (service_record(s, RECORD_SRV) || service_record(s, RECORD_CNAME) ||
		!(service_record(s, RECORD_A) || service_record(s, RECORD_AAAA)))
		return REFUSE(f, RESERVED_ALIAS
			" can be used only in services with A or AAAA records, and no "
			"others.");
	if (!s->has_routing || s->routing != ROUTING_WEIGHTED)
		return REFUSE(f, "ALIAS instance can be registered only in services "
				 "with WEIGHTED routing policy.");
	return true;
}

static bool check_named_port(const char *key, const char *value, struct fault *f)
{
	struct reserved_port port;
	uint16_t number;

	if (reserved_parse_port_key(key, &port))
		return REFUSE(f,
			"'%.64s' does not name a port as " RESERVED_NAMED_PORT
			"http does, or, for UDP, " RESERVED_NAMED_PORT
			"dns.udp: 1 to %zu lower-case letters, digits and hyphens, a "
			"letter among them, no hyphen at an end or beside another.",
			key, sizeof(port.name) - 1);
	if (reserved_parse_port(value, &number))
		return REFUSE(f,
			"%s must be a port number from 1 to 65535, not '%.64s'.", key,
			value);
	return true;
}

/* The port's name below the service's, and an address to connect to. */
static bool check_named_port_place(const struct service *s, const struct attributes *a,
	const char *key, struct fault *f)
{
	const char *label = key + strlen(RESERVED_NAMED_PORT);
	char *service = rules_service_dns_name(s->ns, s);
	char *name;
	bool ok;

	if (!service)
		return true;
	name = xasprintf("_%.*s._tcp.%s", (int)strcspn(label, "."), label, service);
	ok = dns_text_is_name(name, strlen(name));
	free(name);
	free(service);
	if (!ok)
		return REFUSE(f,
			"The name of the service is too long for %s, whose name lies "
			"below it.",
			key);
	if (!attributes_get(a, RESERVED_IPV4) && !attributes_get(a, RESERVED_IPV6))
		return REFUSE(f,
			"%s is the port of an address, so " RESERVED_IPV4
			" or " RESERVED_IPV6 " must be supplied.",
			key);
	return true;
}

static bool check_named_ports(const struct service *s, const struct attributes *a,
	struct fault *f)
{
	const char *k, *v;
	uint32_t pos = 0, n = 0;

	while (attributes_next(a, &pos, &k, &v)) {
		if (!reserved_is_named_port(k))
			continue;
		if (!check_named_port(k, v, f) || !check_named_port_place(s, a, k, f))
			return false;
		n++;
	}
	if (n > RULES_NAMED_PORTS)
		return REFUSE(f, "An instance can have at most %d named ports, not %u.",
			RULES_NAMED_PORTS, n);
	return true;
}

/* Attributes that only some services take. */
static bool check_place(const struct service *s, const struct attributes *a,
	struct fault *f)
{
	const char *health = attributes_get(a, RESERVED_INIT_HEALTH);

	if (attributes_get(a, RESERVED_EC2_INSTANCE_ID) &&
		s->ns->type != NAMESPACE_HTTP)
		return REFUSE(f, RESERVED_EC2_INSTANCE_ID
			" can be used in HTTP namespaces only; register the instance's "
			"addresses.");
	if (!health)
		return true;
	if (!s->has_custom_health)
		return REFUSE(f, RESERVED_INIT_HEALTH
			" can be used only in services that have a "
			"HealthCheckCustomConfig.");
	if (strcmp(health, "HEALTHY") != 0 && strcmp(health, "UNHEALTHY") != 0)
		return REFUSE(f,
			RESERVED_INIT_HEALTH
			" must be HEALTHY or UNHEALTHY, not '%.64s'.",
			health);
	return true;
}

/* What the service's records and health check cannot do without. */
static bool check_required(const struct service *s, const struct attributes *a,
	struct fault *f)
{
	bool needs_a = service_record(s, RECORD_A);
	bool needs_aaaa = service_record(s, RECORD_AAAA);
	bool needs_srv = service_record(s, RECORD_SRV);
	bool ipv4 = attributes_get(a, RESERVED_IPV4);
	bool ipv6 = attributes_get(a, RESERVED_IPV6);

	if (attributes_get(a, RESERVED_ALIAS))
		return true;
	if (service_record(s, RECORD_CNAME) && !attributes_get(a, RESERVED_CNAME))
		return REFUSE(f, "The service has a CNAME record, so " RESERVED_CNAME
				 " must be supplied.");
	if ((needs_srv || s->has_health_check) && !attributes_get(a, RESERVED_PORT))
		return REFUSE(f, "A valid port number must be supplied.");
	if (needs_a && !needs_aaaa && !ipv4)
		return REFUSE(f, "The service has an A record, so " RESERVED_IPV4
				 " must be supplied.");
	if (needs_aaaa && !needs_a && !ipv6)
		return REFUSE(f, "The service has an AAAA record, so " RESERVED_IPV6
				 " must be supplied.");
	if ((needs_a || needs_aaaa || needs_srv) && !ipv4 && !ipv6)
		return REFUSE(f,
			"The service has %s, so " RESERVED_IPV4 " or " RESERVED_IPV6
			" must be supplied.",
			needs_srv ? "an SRV record" : "A and AAAA records");
	return true;
}

bool rules_check_instance(const struct service *s, const struct instance *i,
	struct fault *f)
{
	const struct attributes *a = &i->attributes;

	return check_id(s, i, f) && check_form(a, f) && check_addresses(a, f) &&
	       check_port_and_cname(a, f) && check_lease(a, f) && check_weight(a, f) &&
	       check_alias(s, a, f) && check_named_ports(s, a, f) &&
	       check_place(s, a, f) && check_required(s, a, f);
}
