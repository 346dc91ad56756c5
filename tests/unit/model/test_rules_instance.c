/* SPDX-License-Identifier: MIT */
/* Instances: each rule, and what is told when it is broken. */
#include <stdlib.h>

#include "make.h"
#include "model/rules.h"
#include "test.h"

/* What an instance is checked against. */
struct place {
	enum namespace_type type;
	const char *records; /* see make_records() */
	bool custom_health;
	bool health_check;
};

static const struct place http = {NAMESPACE_HTTP, "", false, false};
static const struct place api_only = {NAMESPACE_DNS_PRIVATE, "", false, false};
static const struct place srv = {NAMESPACE_DNS_PRIVATE, "s", false, false};
static const struct place custom = {NAMESPACE_HTTP, "", true, false};
static const struct place checked = {NAMESPACE_HTTP, "", false, true};

/* NULL if accepted, else the message, good until the next call. Frees i. */
static const char *check_in(const struct place *p, const char *service,
	struct instance *i)
{
	static char message[4096];
	struct namespace *ns = make_namespace("ns-1", p->type, "local");
	struct service *s = make_service("srv-1", "ns-1", service);
	struct fault f = {0};
	bool ok;

	make_records(s, p->records);
	s->ns = ns;
	s->has_custom_health = p->custom_health;
	s->has_health_check = p->health_check;
	ok = rules_check_instance(s, i, &f);
	cr_assert_eq(f.code, ok ? FAULT_NONE : FAULT_INVALID_INPUT);
	snprintf(message, sizeof(message), "%s", ok ? "" : f.message);
	fault_free(&f);
	instance_free(i);
	service_free(s);
	namespace_free(ns);
	return ok ? NULL : message;
}

static void expect(const char *what, const char *got, const char *must_say)
{
	if (!must_say)
		cr_assert_null(got, "%s: refused with '%s'", what, got);
	else
		cr_assert(got && strstr(got, must_say), "%s: '%s' does not say '%s'",
			what, got ? got : "(accepted)", must_say);
}

/* An instance with the letters' attributes: '4' IPv4, '6' IPv6, 'p' port, 'c' CNAME. */
static struct instance *instance_with(const char *letters)
{
	struct instance *i = make_instance("i-1");

	if (strchr(letters, '4'))
		attributes_set(&i->attributes, "AWS_INSTANCE_IPV4", "10.0.0.1");
	if (strchr(letters, '6'))
		attributes_set(&i->attributes, "AWS_INSTANCE_IPV6", "fd00::1");
	if (strchr(letters, 'p'))
		attributes_set(&i->attributes, "AWS_INSTANCE_PORT", "80");
	if (strchr(letters, 'c'))
		attributes_set(&i->attributes, "AWS_INSTANCE_CNAME", "www.example.com");
	return i;
}

/* A place's answer to one more attribute. */
static const char *check_one(const struct place *p, const char *key, const char *value)
{
	struct instance *i = make_instance("i-1");

	attributes_set(&i->attributes, key, value);
	return check_in(p, "s", i);
}

Test(rules_instance, attributes_may_be_empty_without_dns)
{
	expect("HTTP", check_in(&http, "s", instance_with("")), NULL);
	expect("API only", check_in(&api_only, "s", instance_with("")), NULL);
}

Test(rules_instance, records_need_their_attributes)
{
	static const char port[] = "A valid port number must be supplied.";
	static const char ipv4[] =
		"has an A record, so AWS_INSTANCE_IPV4 must be supplied";
	static const char ipv6[] =
		"has an AAAA record, so AWS_INSTANCE_IPV6 must be supplied";
	static const char either[] =
		"AWS_INSTANCE_IPV4 or AWS_INSTANCE_IPV6 must be supplied";
	static const char cname[] = "has a CNAME record, so AWS_INSTANCE_CNAME must be";
	static const struct {
		const char *records, *given, *must_say;
	} cases[] = {
		{"a", "4", NULL},
		{"a", "46pc", NULL},
		{"a", "", ipv4},
		{"a", "6p", ipv4},
		{"6", "6", NULL},
		{"6", "46pc", NULL},
		{"6", "", ipv6},
		{"6", "4p", ipv6},
		{"a6", "4", NULL},
		{"a6", "6", NULL},
		{"a6", "46", NULL},
		{"a6", "p", either},
		{"s", "4p", NULL},
		{"s", "6p", NULL},
		{"s", "46p", NULL},
		{"s", "46", port},
		{"s", "", port},
		{"s", "p", either},
		{"s", "pc", either},
		{"sa", "4p", NULL},
		{"sa", "46p", NULL},
		{"sa", "4", port},
		{"sa", "6p", ipv4},
		{"s6", "6p", NULL},
		{"s6", "4p", ipv6},
		{"s6", "6", port},
		{"sa6", "4p", NULL},
		{"sa6", "6p", NULL},
		{"sa6", "46", port},
		{"sa6", "p", either},
		{"c", "c", NULL},
		{"c", "46pc", NULL},
		{"c", "", cname},
		{"c", "46p", cname},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct place p = {
			NAMESPACE_DNS_PRIVATE, cases[i].records, false, false};

		expect(cases[i].records,
			check_in(&p, "s", instance_with(cases[i].given)),
			cases[i].must_say);
	}
	expect("health check", check_in(&checked, "s", instance_with("4")), port);
	expect("health check", check_in(&checked, "s", instance_with("4p")), NULL);
}

Test(rules_instance, ids_have_their_pattern)
{
	expect("64", check_in(&http, "s", make_instance(make_run('a', 64))), NULL);
	expect("65", check_in(&http, "s", make_instance(make_run('a', 65))),
		"InstanceId must be 1 to 64");
	expect("", check_in(&http, "s", make_instance("")), "InstanceId must be");
	expect("a b", check_in(&http, "s", make_instance("a b")), "InstanceId must be");
	expect("..", check_in(&http, "s", make_instance("a..b")), NULL);
}

static struct instance *srv_instance(const char *id)
{
	struct instance *like = instance_with("4p");
	struct instance *i = instance_new(id, "", &like->attributes);

	instance_free(like);
	return i;
}

Test(rules_instance, ids_are_labels_below_an_srv_service)
{
	static const char *const good[] = {
		"i-1", "10.0.0.1", "a/b:c@d", "fd00::1", "-", "_"};
	static const char *const bad[] = {".", "a.", ".a", "a..b"};
	char must_say[64];

	for (size_t i = 0; i < CMAP_COUNT(good); i++)
		expect(good[i], check_in(&srv, "s", srv_instance(good[i])), NULL);
	for (size_t i = 0; i < CMAP_COUNT(bad); i++) {
		snprintf(must_say, sizeof(must_say),
			"InstanceId '%s' must make a domain name", bad[i]);
		expect(bad[i], check_in(&srv, "s", srv_instance(bad[i])), must_say);
		expect(bad[i], check_in(&api_only, "s", srv_instance(bad[i])), NULL);
	}
	expect("63", check_in(&srv, "s", srv_instance(make_run('a', 63))), NULL);
	expect("64", check_in(&srv, "s", srv_instance(make_run('a', 64))),
		"1 to 63 characters");
}

/* An id of 64, a dot, the service, a dot, a namespace of 185: a service of 2 makes 253. */
Test(rules_instance, ids_leave_room_for_the_whole_name)
{
	struct namespace *ns =
		make_namespace("ns-1", NAMESPACE_DNS_PRIVATE, make_run('n', 185));
	struct service *s = make_service("srv-1", "ns-1", "");
	struct instance *i = srv_instance(make_run('a', 64));
	struct fault f = {0};

	ns->name[60] = ns->name[121] = ns->name[182] = '.';
	i->id[2] = '.';
	make_records(s, "s");
	s->ns = ns;
	for (size_t len = 1; len <= 3; len++) {
		free(s->name);
		s->name = xstrdup(make_run('s', len));
		cr_assert_eq(rules_check_instance(s, i, &f), len <= 2, "service of %zu",
			len);
		cr_assert(len <= 2 || strstr(f.message, "at most 253 in all"));
		fault_free(&f);
	}
	instance_free(i);
	service_free(s);
	namespace_free(ns);
}

Test(rules_instance, keys_and_values_have_their_patterns)
{
	expect("255", check_one(&http, make_run('k', 255), "v"), NULL);
	expect("256", check_one(&http, make_run('k', 256), "v"),
		"The key of an attribute");
	expect("space", check_one(&http, "a b", "v"), "without spaces");
	expect("empty key", check_one(&http, "", "v"), "The key of an attribute");
	expect("UTF-8", check_one(&http, "k\xc3\xbc", "v"), "The key of an attribute");
	expect("empty", check_one(&http, "k", ""), NULL);
	expect("1024", check_one(&http, "k", make_run('v', 1024)), NULL);
	expect("1025", check_one(&http, "k", make_run('v', 1025)),
		"attribute k must be at most");
	expect("space", check_one(&http, "k", " v"), "must not begin with a space");
	expect("UTF-8", check_one(&http, "k", "v\xc3\xbc"), "The value of attribute k");
	expect("line", check_one(&http, "k", "a\nb"), "The value of attribute k");
}

static struct instance *instance_of_many(uint32_t custom_ones)
{
	struct instance *i = instance_with("46pc");
	char key[16];

	attributes_set(&i->attributes, "AWS_OTHER", "x");
	attributes_set(&i->attributes, "CMAP_LEASE", "30s");
	for (uint32_t n = 0; n < custom_ones; n++) {
		snprintf(key, sizeof(key), "key%u", n);
		attributes_set(&i->attributes, key, "v");
	}
	return i;
}

Test(rules_instance, custom_attributes_are_30_at_most)
{
	expect("29", check_in(&http, "s", instance_of_many(29)), NULL);
	expect("30", check_in(&http, "s", instance_of_many(30)), NULL);
	expect("31", check_in(&http, "s", instance_of_many(31)),
		"at most 30 custom attributes, not 31");
}

Test(rules_instance, all_attributes_are_5000_bytes_at_most)
{
	for (size_t total = 4999; total <= 5001; total++) {
		struct instance *i = make_instance("i-1");

		/* Five of "aws:N" and 993 bytes make 4990; then a reserved one fills up. */
		for (int n = 0; n < 5; n++) {
			char key[] = {'a', 'w', 's', ':', (char)('0' + n), '\0'};

			attributes_set(&i->attributes, key, make_run('v', 993));
		}
		attributes_set(&i->attributes, "AWS_X",
			make_run('v', total - 4990 - 5));
		expect("total", check_in(&http, "s", i),
			total <= 5000 ? NULL : "at most 5000 bytes together, not 5001");
	}
}

Test(rules_instance, reserved_ones_are_of_their_form_everywhere)
{
	static const struct {
		const char *key, *value, *must_say;
	} cases[] = {
		{"AWS_INSTANCE_IPV4", "10.0.0.1", NULL},
		{"AWS_INSTANCE_IPV4", "10.0.0", "such as 10.0.0.1, not '10.0.0'"},
		{"AWS_INSTANCE_IPV4", "", "AWS_INSTANCE_IPV4 must be an IPv4 address"},
		{"AWS_INSTANCE_IPV4", "0.0.0.0", "'0.0.0.0' is none"},
		{"AWS_INSTANCE_IPV4", "255.255.255.255",
			"must be the address of one host"},
		{"AWS_INSTANCE_IPV4", "224.0.0.1", "must be the address of one host"},
		{"AWS_INSTANCE_IPV6", "fd00::1", NULL},
		{"AWS_INSTANCE_IPV6", "10.0.0.1", "such as fd00::1, not '10.0.0.1'"},
		{"AWS_INSTANCE_IPV6",
			"::", "AWS_INSTANCE_IPV6 must be the address of one"},
		{"AWS_INSTANCE_IPV6", "ff02::1", "'ff02::1' is none"},
		{"AWS_INSTANCE_PORT", "1", NULL},
		{"AWS_INSTANCE_PORT", "65535", NULL},
		{"AWS_INSTANCE_PORT", "0", "A valid port number must be supplied."},
		{"AWS_INSTANCE_PORT", "65536", "A valid port number must be supplied."},
		{"AWS_INSTANCE_PORT", "", "A valid port number must be supplied."},
		{"AWS_INSTANCE_PORT", "http", "A valid port number must be supplied."},
		{"AWS_INSTANCE_CNAME", "www.example.com", NULL},
		{"AWS_INSTANCE_CNAME", "www.example.com.", NULL},
		{"AWS_INSTANCE_CNAME", "", "AWS_INSTANCE_CNAME must be a domain name"},
		{"AWS_INSTANCE_CNAME", ".", "must be a domain name"},
		{"AWS_INSTANCE_CNAME", "http://a", "not 'http://a'"},
		{"AWS_INSTANCE_CNAME", "a..b", "must be a domain name"},
		{"CMAP_LEASE", "999ms", "CMAP_LEASE must be a duration from 1s to 7d"},
		{"CMAP_LEASE", "1s", NULL},
		{"CMAP_LEASE", "1001ms", NULL},
		{"CMAP_LEASE", "604799999ms", NULL},
		{"CMAP_LEASE", "7d", NULL},
		{"CMAP_LEASE", "604800001ms", "from 1s to 7d"},
		{"CMAP_LEASE", "30", "such as 30s, not '30'"},
		{"CMAP_LEASE", "", "CMAP_LEASE must be a duration"},
		{"CMAP_WEIGHT", "0",
			"CMAP_WEIGHT must be a number from 1 to 255, not '0'"},
		{"CMAP_WEIGHT", "1", NULL},
		{"CMAP_WEIGHT", "255", NULL},
		{"CMAP_WEIGHT", "256", "from 1 to 255"},
		{"CMAP_WEIGHT", "", "from 1 to 255"},
		{"CMAP_WEIGHT", "-1", "from 1 to 255"},
		{"CMAP_WEIGHTS", "3",
			"CMAP_WEIGHTS is not known; of those that begin with "
			"CMAP_ there are CMAP_LEASE, CMAP_WEIGHT, CMAP_PUBLIC_IPV4, "
			"CMAP_PUBLIC_IPV6 and CMAP_PORT_name."},
		{"CMAP_PORT_http", "8080", NULL},
		{"CMAP_PORT_http", "65535", NULL},
		{"CMAP_PORT_dns.udp", "53", NULL},
		{"CMAP_PORT_a-1-b", "53", NULL},
		{"CMAP_PORT_1a", "53", NULL},
		{"CMAP_PORT_abcdefghijklmno", "53", NULL},
		{"CMAP_PORT_http", "0",
			"CMAP_PORT_http must be a port number from 1 to 65535, not "
			"'0'."},
		{"CMAP_PORT_http", "65536", "not '65536'"},
		{"CMAP_PORT_http", "", "must be a port number"},
		{"CMAP_PORT_abcdefghijklmnop", "53", "1 to 15 lower-case letters"},
		{"CMAP_PORT_", "53", "'CMAP_PORT_' does not name a port"},
		{"CMAP_PORT_HTTP", "53", "lower-case"},
		{"CMAP_PORT_80", "53", "a letter among them"},
		{"CMAP_PORT_-a", "53", "no hyphen at an end"},
		{"CMAP_PORT_a-", "53", "no hyphen at an end"},
		{"CMAP_PORT_a--b", "53", "or beside another"},
		{"CMAP_PORT_a_b", "53", "does not name a port"},
		{"CMAP_PORT_a.tcp", "53", "CMAP_PORT_dns.udp"},
		{"CMAP_PORT_a.udp.", "53", "does not name a port"},
		{"CMAP_PORT_.udp", "53", "does not name a port"},
		{"CMAP_PORT", "53", "is not known"},
		{"CMAP_", "3", "Attribute CMAP_ is not known"},
		{"CMAP_LEASE_", "3s", "Attribute CMAP_LEASE_ is not known"},
		{"CMAP", "3", NULL},
		{"cmap_lease", "3", NULL},
		{"CMAP_PUBLIC_IPV4", "192.0.2.1", NULL},
		{"CMAP_PUBLIC_IPV4", "192.0.2",
			"CMAP_PUBLIC_IPV4 must be an IPv4 address such as 10.0.0.1, "
			"not '192.0.2'."},
		{"CMAP_PUBLIC_IPV4", "0.0.0.0",
			"CMAP_PUBLIC_IPV4 must be the address of one host"},
		{"CMAP_PUBLIC_IPV6", "2001:db8::1", NULL},
		{"CMAP_PUBLIC_IPV6", "192.0.2.1",
			"CMAP_PUBLIC_IPV6 must be an IPv6 address such as fd00::1"},
		{"AWS_INSTANCE_IPV5", "x", NULL},
		{"AWS_", "x", NULL},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		expect(cases[i].value, check_one(&http, cases[i].key, cases[i].value),
			cases[i].must_say);
		expect(cases[i].value,
			check_one(&api_only, cases[i].key, cases[i].value),
			cases[i].must_say);
	}
}

Test(rules_instance, named_ports_need_an_address_and_are_16_at_most)
{
	static const struct place a = {NAMESPACE_DNS_PRIVATE, "a", false, false};
	static const struct place cname = {NAMESPACE_DNS_PRIVATE, "c", false, false};
	char service[256];
	struct instance *i;

	for (int n = 16; n <= 17; n++) {
		i = instance_with("4");
		for (int k = 0; k < n; k++) {
			char key[32];

			snprintf(key, sizeof(key), "CMAP_PORT_p%d", k);
			attributes_set(&i->attributes, key, "80");
		}
		expect("many", check_in(&a, "s", i),
			n == 16 ? NULL : "at most 16 named ports, not 17");
	}
	i = instance_with("c");
	attributes_set(&i->attributes, "CMAP_PORT_http", "80");
	expect("no address", check_in(&cname, "s", i),
		"AWS_INSTANCE_IPV4 or AWS_INSTANCE_IPV6 must be supplied");
	/* 253 characters: "_p._tcp.", 239, ".local". */
	for (size_t len = 239; len <= 240; len++) {
		memset(service, 'x', sizeof(service));
		for (size_t at = 60; at < 230; at += 60)
			service[at] = '.';
		service[len] = '\0';
		i = instance_with("4");
		attributes_set(&i->attributes, "CMAP_PORT_p.udp", "80");
		expect("long", check_in(&a, service, i),
			len == 239 ? NULL : "too long for CMAP_PORT_p.udp");
	}
}

Test(rules_instance, long_values_are_cut_in_messages)
{
	const char *got = check_one(&http, "AWS_INSTANCE_IPV4", make_run('9', 1024));

	cr_assert_not_null(got);
	cr_assert_lt(strlen(got), 200);
}

/* The message about an alias in a service with those records, and another attribute if key is given. */
static const char *check_aliased(enum namespace_type type, const char *records,
	bool weighted, const char *target, const char *key)
{
	static char message[4096];
	struct namespace *ns = make_namespace("ns-1", type, "local");
	struct service *s = make_service("srv-1", "ns-1", "web");
	struct attributes a = {0};
	struct fault f = {0};
	struct instance *i;
	bool ok;

	make_records(s, records);
	s->ns = ns;
	s->has_routing = true;
	s->routing = weighted ? ROUTING_WEIGHTED : ROUTING_MULTIVALUE;
	attributes_set(&a, "AWS_ALIAS_DNS_NAME", target);
	if (key != NULL)
		attributes_set(&a, key, "10.0.0.1");
	i = instance_new("i-1", "", &a);
	ok = rules_check_instance(s, i, &f);
	snprintf(message, sizeof(message), "%s", ok ? "" : f.message);
	attributes_free(&a);
	fault_free(&f);
	instance_free(i);
	service_free(s);
	namespace_free(ns);
	return ok ? NULL : message;
}

Test(rules_instance, an_alias_stands_alone_in_a_weighted_service_with_addresses)
{
	static const enum namespace_type private = NAMESPACE_DNS_PRIVATE;
	static const char target[] = "LB-1.example.com.";

	expect("A", check_aliased(private, "a", true, target, NULL), NULL);
	expect("AAAA", check_aliased(private, "6", true, target, NULL), NULL);
	expect("A, AAAA", check_aliased(NAMESPACE_DNS_PUBLIC, "a6", true, target, NULL),
		NULL);
	expect("own", check_aliased(private, "a", true, target, "version"), NULL);
	expect("MULTIVALUE", check_aliased(private, "a", false, target, NULL),
		"ALIAS instance can be registered only in services with WEIGHTED "
		"routing policy");
	expect("SRV", check_aliased(private, "as", true, target, NULL),
		"only in services with A or AAAA records, and no others");
	expect("CNAME", check_aliased(private, "c", true, target, NULL),
		"only in services with A or AAAA records, and no others");
	expect("no records", check_aliased(NAMESPACE_HTTP, "", true, target, NULL),
		"only in services with A or AAAA records, and no others");
	expect("IPv4", check_aliased(private, "a", true, target, "AWS_INSTANCE_IPV4"),
		"cannot be used together with AWS_INSTANCE_IPV4");
	expect("no name", check_aliased(private, "a", true, "a b", NULL),
		"must be a domain name such as lb.example.com, not 'a b'");
	expect("the root", check_aliased(private, "a", true, ".", NULL),
		"must be a domain name");
}

Test(rules_instance, some_are_for_some_services_only)
{
	expect("EC2", check_one(&http, "AWS_EC2_INSTANCE_ID", "i-12"), NULL);
	expect("EC2", check_one(&api_only, "AWS_EC2_INSTANCE_ID", "i-12"),
		"AWS_EC2_INSTANCE_ID can be used in HTTP namespaces only");
	expect("health", check_one(&custom, "AWS_INIT_HEALTH_STATUS", "HEALTHY"), NULL);
	expect("health", check_one(&custom, "AWS_INIT_HEALTH_STATUS", "UNHEALTHY"),
		NULL);
	expect("health", check_one(&custom, "AWS_INIT_HEALTH_STATUS", "healthy"),
		"must be HEALTHY or UNHEALTHY, not 'healthy'");
	expect("health", check_one(&custom, "AWS_INIT_HEALTH_STATUS", ""),
		"HEALTHY or UNHEALTHY");
	expect("health", check_one(&http, "AWS_INIT_HEALTH_STATUS", "HEALTHY"),
		"that have a HealthCheckCustomConfig");
	expect("health", check_one(&checked, "AWS_INIT_HEALTH_STATUS", "HEALTHY"),
		"that have a HealthCheckCustomConfig");
}
