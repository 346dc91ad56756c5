/* SPDX-License-Identifier: MIT */
/* Namespaces and services: what makes sense and what is told when it does not. */
#include "model/rules.h"

#include <stdlib.h>

#include "make.h"
#include "test.h"

/* NULL if ns is fine, else the message, good until the next call. */
static const char *refusal(bool ok, struct fault *f)
{
	static char message[4096];

	cr_assert_eq(ok, f->code == FAULT_NONE);
	cr_assert(ok || f->code == FAULT_INVALID_INPUT);
	snprintf(message, sizeof(message), "%s", ok ? "" : f->message);
	fault_free(f);
	return ok ? NULL : message;
}

static const char *check_namespace(enum namespace_type type, const char *name,
	int64_t ttl)
{
	struct namespace *ns = make_namespace("ns-1", type, name);
	struct fault f = {0};
	bool ok;

	ns->soa_ttl = ttl;
	ok = rules_check_namespace(ns, &f);
	namespace_free(ns);
	return refusal(ok, &f);
}

/* As in "must say": a NULL means fine. */
static void expect(const char *what, const char *got, const char *must_say)
{
	if (!must_say)
		cr_assert_null(got, "%s: refused with '%s'", what, got);
	else
		cr_assert(got && strstr(got, must_say), "%s: '%s' does not say '%s'",
			what, got ? got : "(accepted)", must_say);
}

Test(rules, namespace_names)
{
	static const struct {
		enum namespace_type type;
		const char *name;
		const char *must_say;
	} cases[] = {
		{NAMESPACE_HTTP, "n/a", NULL},
		{NAMESPACE_HTTP, "a..b\\", NULL},
		{NAMESPACE_HTTP, ".", NULL},
		{NAMESPACE_HTTP, "", "1 to 1024 printable"},
		{NAMESPACE_HTTP, "arn:x", "begin with 'arn:'"},
		{NAMESPACE_HTTP, "a b", "without spaces"},
		{NAMESPACE_DNS_PRIVATE, "local", NULL},
		{NAMESPACE_DNS_PRIVATE, "Local.", NULL},
		{NAMESPACE_DNS_PRIVATE, "_x.local", NULL},
		{NAMESPACE_DNS_PRIVATE, "n/a", NULL},
		{NAMESPACE_DNS_PRIVATE, "", "1 to 253 printable"},
		{NAMESPACE_DNS_PRIVATE, "arn:x", "begin with 'arn:'"},
		{NAMESPACE_DNS_PRIVATE, ".", "'.' must be a domain name"},
		{NAMESPACE_DNS_PRIVATE, "a..b", "'a..b' must be a domain name"},
		{NAMESPACE_DNS_PRIVATE, ".a", "must be a domain name"},
		{NAMESPACE_DNS_PRIVATE, "a\\.b", "without backslashes"},
		{NAMESPACE_DNS_PUBLIC, "example.com", NULL},
		{NAMESPACE_DNS_PUBLIC, "com", "two or more labels"},
		{NAMESPACE_DNS_PUBLIC, "example.com.", "two or more labels"},
		{NAMESPACE_DNS_PUBLIC, "a_b.com", "two or more labels"},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++)
		expect(cases[i].name, check_namespace(cases[i].type, cases[i].name, -1),
			cases[i].must_say);
}

Test(rules, namespace_name_lengths)
{
	expect("63", check_namespace(NAMESPACE_DNS_PRIVATE, make_run('a', 63), -1),
		NULL);
	expect("64", check_namespace(NAMESPACE_DNS_PRIVATE, make_run('a', 64), -1),
		"labels of 1 to 63");
	expect("1024", check_namespace(NAMESPACE_HTTP, make_run('a', 1024), -1), NULL);
	expect("1025", check_namespace(NAMESPACE_HTTP, make_run('a', 1025), -1),
		"1024");
}

Test(rules, soa_ttl)
{
	static const struct {
		int64_t ttl;
		bool ok;
	} cases[] = {{-2, false}, {-1, true}, {0, true}, {60, true}, {2147483646, true},
		{2147483647, true}, {2147483648, false}, {INT64_MIN, false}};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++)
		expect("TTL",
			check_namespace(NAMESPACE_DNS_PRIVATE, "local", cases[i].ttl),
			cases[i].ok ? NULL : "TTL of the SOA must be 0 to 2147483647");
}

/* ns must be "local", or another name given; s is freed. */
static const char *check_service(enum namespace_type type, const char *name,
	struct service *s)
{
	struct namespace *ns = make_namespace("ns-1", type, name);
	struct fault f = {0};
	bool ok = rules_check_service(ns, s, &f);

	namespace_free(ns);
	service_free(s);
	return refusal(ok, &f);
}

static struct service *service_with(const char *name, const char *records)
{
	struct service *s = make_service("srv-1", "ns-1", name);

	make_records(s, records);
	return s;
}

Test(rules, service_names)
{
	expect("api", check_service(NAMESPACE_HTTP, "n", service_with("api", "")),
		NULL);
	expect(".", check_service(NAMESPACE_HTTP, "n", service_with(".", "")), NULL);
	expect("-", check_service(NAMESPACE_HTTP, "n", service_with("-", "")),
		"Name of a service must be");
	expect("", check_service(NAMESPACE_DNS_PRIVATE, "n", service_with("", "")),
		"Name of a service must be");
}

/* Every set of types, in both orders for pairs, against the list of those allowed. */
Test(rules, record_combinations)
{
	static const char *const allowed[] = {"", "a", "6", "s", "c", "a6", "6a", "as",
		"sa", "6s", "s6", "a6s", "as6", "6as", "6sa", "sa6", "s6a"};
	static const char letters[] = "a6sc";
	char types[5];

	for (int n = 0; n < 5 * 5 * 5 * 5; n++) {
		size_t len = 0;
		bool ok = false;

		for (int rest = n, i = 0; i < 4; i++, rest /= 5)
			if (rest % 5 > 0)
				types[len++] = letters[rest % 5 - 1];
		types[len] = '\0';
		for (size_t i = 0; i < CMAP_COUNT(allowed); i++)
			ok |= strcmp(types, allowed[i]) == 0;
		cr_assert_eq(check_service(NAMESPACE_DNS_PRIVATE, "local",
				     service_with("s", types)) == NULL,
			ok, "records '%s'", types);
	}
	expect("aa",
		check_service(NAMESPACE_DNS_PRIVATE, "local", service_with("s", "aa")),
		"each Type only once; A is there twice");
	expect("ac",
		check_service(NAMESPACE_DNS_PRIVATE, "local", service_with("s", "ac")),
		"CNAME record cannot stand beside other records");
}

Test(rules, more_records_than_types_are_refused_unread)
{
	struct service *s = service_with("s", "a6sc");

	s->n_records = 255;
	expect("255", check_service(NAMESPACE_DNS_PRIVATE, "local", s), "only once");
}

Test(rules, record_ttl)
{
	for (uint32_t ttl = 2147483646; ttl <= 2147483648; ttl++) {
		struct service *s = service_with("s", "a6");

		s->records[1].ttl = ttl;
		expect("TTL", check_service(NAMESPACE_DNS_PRIVATE, "local", s),
			ttl <= 2147483647
				? NULL
				: "TTL of the AAAA record must be 0 to 2147483647");
	}
}

Test(rules, cname_is_weighted_and_not_at_the_apex)
{
	struct service *s = service_with("s", "c");

	s->has_routing = true;
	s->routing = ROUTING_MULTIVALUE;
	expect("MULTIVALUE", check_service(NAMESPACE_DNS_PRIVATE, "local", s),
		"WEIGHTED");
	s = service_with("s", "c");
	s->has_routing = true;
	s->routing = ROUTING_WEIGHTED;
	expect("WEIGHTED", check_service(NAMESPACE_DNS_PRIVATE, "local", s), NULL);
	expect(".",
		check_service(NAMESPACE_DNS_PRIVATE, "local", service_with(".", "c")),
		"apex");
	expect(".",
		check_service(NAMESPACE_DNS_PRIVATE, "local", service_with(".", "a6s")),
		NULL);
	s = service_with("s", "a");
	s->has_routing = true;
	s->routing = ROUTING_WEIGHTED;
	expect("A", check_service(NAMESPACE_DNS_PRIVATE, "local", s), NULL);
}

Test(rules, dns_config_needs_a_dns_service)
{
	static const char http[] = "When you specify an HTTP service, you can't "
				   "include a DnsConfig element.";
	struct service *s;

	expect("A", check_service(NAMESPACE_HTTP, "n", service_with("s", "a")), http);
	s = service_with("s", "");
	s->has_routing = true;
	expect("routing", check_service(NAMESPACE_HTTP, "n", s), http);
	s = service_with("s", "");
	s->http_only = true;
	expect("Type", check_service(NAMESPACE_HTTP, "n", s), NULL);
	s = service_with("s", "");
	s->http_only = true;
	expect("Type", check_service(NAMESPACE_DNS_PRIVATE, "local", s), NULL);
	s = service_with("s", "a");
	s->http_only = true;
	expect("Type, A", check_service(NAMESPACE_DNS_PRIVATE, "local", s),
		"leave out Type or DnsConfig");
	s = service_with("s", "");
	s->has_routing = true;
	expect("no records", check_service(NAMESPACE_DNS_PUBLIC, "a.b", s),
		"at least one of DnsRecords");
}

static struct service *checked_service(const char *records, enum health_type type,
	uint32_t threshold)
{
	struct service *s = service_with("s", records);

	s->has_health_check = true;
	s->health_check.type = type;
	s->health_check.failure_threshold = threshold;
	return s;
}

Test(rules, health_checks)
{
	struct service *s;

	expect("public",
		check_service(NAMESPACE_DNS_PUBLIC, "a.b",
			checked_service("a", HEALTH_HTTP, 1)),
		NULL);
	expect("http",
		check_service(NAMESPACE_HTTP, "n", checked_service("", HEALTH_TCP, 1)),
		NULL);
	expect("private",
		check_service(NAMESPACE_DNS_PRIVATE, "local",
			checked_service("a", HEALTH_HTTP, 1)),
		"cannot be used in a private DNS namespace");
	expect("CNAME",
		check_service(NAMESPACE_DNS_PUBLIC, "a.b",
			checked_service("c", HEALTH_TCP, 1)),
		"cannot be used with a CNAME record");
	s = checked_service("a", HEALTH_HTTP, 1);
	s->has_custom_health = true;
	expect("both", check_service(NAMESPACE_DNS_PUBLIC, "a.b", s), "but not both");
	s = service_with("s", "a");
	s->has_custom_health = true;
	expect("custom", check_service(NAMESPACE_DNS_PRIVATE, "local", s), NULL);
	for (int type = HEALTH_HTTP; type <= HEALTH_TCP; type++) {
		s = checked_service("a", (enum health_type)type, 1);
		s->health_check.resource_path = xstrdup("/health");
		expect("path", check_service(NAMESPACE_DNS_PUBLIC, "a.b", s),
			type == HEALTH_TCP ? "ResourcePath must not be given" : NULL);
	}
	for (uint32_t threshold = 0; threshold <= 11; threshold++)
		expect("threshold",
			check_service(NAMESPACE_HTTP, "n",
				checked_service("", HEALTH_HTTP, threshold)),
			threshold == 0 || threshold == 11
				? "FailureThreshold must be 1 to 10"
				: NULL);
}

/* A namespace of len characters: labels of 50 and their dots. */
static char *long_namespace(size_t len)
{
	char *name = xstrdup(make_run('n', len));

	for (size_t i = 50; i + 1 < len; i += 51)
		name[i] = '.';
	return name;
}

Test(rules, a_services_name_fits_into_the_dns)
{
	for (size_t len = 250; len <= 252; len++) {
		char *name = long_namespace(len);

		/* "s", a dot, the namespace: at most 253. */
		expect("A",
			check_service(NAMESPACE_DNS_PRIVATE, name,
				service_with("s", "a")),
			len <= 251 ? NULL : "a domain name has at most 253");
		expect("apex",
			check_service(NAMESPACE_DNS_PRIVATE, name,
				service_with(".", "a")),
			NULL);
		expect("API only",
			check_service(NAMESPACE_DNS_PRIVATE, name,
				service_with("s", "")),
			NULL);
		free(name);
	}
}

Test(rules, dns_names_are_what_is_published)
{
	struct namespace *ns =
		make_namespace("ns-1", NAMESPACE_DNS_PRIVATE, "Eu.Local.");
	struct service *s = service_with("_Api._tcp", "sa");
	struct attributes ports = {.block = NULL};
	struct instance *dotted, *plain, *with_port;
	char *name;

	attributes_set(&ports, "CMAP_PORT_http", "80");
	with_port = instance_new("i", "", &ports);
	attributes_free(&ports);
	dotted = instance_new("I-1.A", "", &ports);
	plain = instance_new("i", "", &ports);
	s->ns = ns;
	name = rules_service_dns_name(ns, s);
	cr_assert_str_eq(name, "_api._tcp.eu.local");
	free(name);
	name = rules_instance_dns_name(s, dotted);
	cr_assert_str_eq(name, "i-1.a._api._tcp.eu.local");
	free(name);
	free(s->name);
	s->name = xstrdup(".");
	name = rules_service_dns_name(ns, s);
	cr_assert_str_eq(name, "eu.local");
	free(name);
	name = rules_instance_dns_name(s, plain);
	cr_assert_str_eq(name, "i.eu.local");
	free(name);
	make_records(s, "a6");
	cr_assert_null(rules_instance_dns_name(s, plain), "no SRV");
	name = rules_instance_dns_name(s, with_port);
	cr_assert_str_eq(name, "i.eu.local");
	free(name);
	make_records(s, "");
	cr_assert_null(rules_service_dns_name(ns, s), "API only");
	make_records(s, "s");
	ns->type = NAMESPACE_HTTP;
	cr_assert_null(rules_service_dns_name(ns, s), "HTTP");
	cr_assert_null(rules_instance_dns_name(s, with_port), "HTTP");
	instance_free(dotted);
	instance_free(plain);
	instance_free(with_port);
	service_free(s);
	namespace_free(ns);
}
