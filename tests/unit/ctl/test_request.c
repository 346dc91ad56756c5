/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "ctl/request.h"

static void expect_json(json_t *got, const char *want)
{
	char *text = json_dumps(got, JSON_COMPACT);

	cr_expect_str_eq(text, want, "%s", text);
	free(text);
	json_decref(got);
}

Test(request, an_id_is_made_from_address_and_port)
{
	static const struct {
		const char *ipv4;
		const char *ipv6;
		const char *cname;
		uint32_t port;
		const char *id;
	} cases[] = {
		{"172.31.16.1", NULL, NULL, 47760, "172-31-16-1-47760"},
		{"172.31.16.1", NULL, NULL, 0, "172-31-16-1"},
		{"255.255.255.255", NULL, NULL, 65535, "255-255-255-255-65535"},
		{"192.0.2.1", "2001:db8::1", NULL, 80, "192-0-2-1-80"},
		{NULL, "2001:db8::1", NULL, 80, "2001-db8-0-0-0-0-0-1-80"},
		{NULL, "::1", NULL, 0, "0-0-0-0-0-0-0-1"},
		{NULL, "::", NULL, 0, "0-0-0-0-0-0-0-0"},
		{NULL, "fe80:aaaa:bbbb:cccc:dddd:eeee:ffff:1111", NULL, 65535,
			"fe80-aaaa-bbbb-cccc-dddd-eeee-ffff-1111-65535"},
		{NULL, NULL, "db.example.com", 0, "db-example-com"},
		{NULL, NULL, "db.example.com.", 0, "db-example-com"},
		{NULL, NULL,
			"a123456789.b123456789.c123456789.d123456789.e123456789."
			"f123456789.g",
			0, ""},
		{NULL, NULL, NULL, 80, ""},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct registration r = {
			.cname = cases[i].cname, .port = cases[i].port};
		char id[CHECK_INSTANCE_MAX + 1];

		if (cases[i].ipv4 != NULL)
			r.has_ipv4 = inet_pton(AF_INET, cases[i].ipv4, &r.ipv4) == 1;
		if (cases[i].ipv6 != NULL)
			r.has_ipv6 = inet_pton(AF_INET6, cases[i].ipv6, &r.ipv6) == 1;
		request_derive_id(&r, id);
		cr_expect_str_eq(id, cases[i].id, "%zu gave %s", i, id);
	}
}

Test(request, a_namespace_says_only_what_was_asked)
{
	expect_json(request_namespace("prod", NAMESPACE_PRIVATE, NULL, -1, NULL, NULL),
		"{\"Name\":\"prod\",\"Vpc\":\"cmap\"}");
	expect_json(request_namespace("prod", NAMESPACE_PRIVATE, "a", -1, NULL, NULL),
		"{\"Name\":\"prod\",\"Vpc\":\"a\"}");
	expect_json(request_namespace("prod", NAMESPACE_HTTP, NULL, -1, "for all",
			    NULL),
		"{\"Name\":\"prod\",\"Description\":\"for all\"}");
	expect_json(request_namespace("example.com", NAMESPACE_PUBLIC, NULL, 0, NULL,
			    NULL),
		"{\"Name\":\"example.com\",\"Properties\":{\"DnsProperties\":{\"SOA\":{"
		"\"TTL\":0}}}}");
}

Test(request, a_service_lists_its_records)
{
	struct service_wish w = {
		.records = RECORD_A | RECORD_AAAA | RECORD_SRV, .ttl_s = 5};

	expect_json(request_service("ns-1", "web", &w),
		"{\"NamespaceId\":\"ns-1\",\"Name\":\"web\",\"DnsConfig\":{"
		"\"RoutingPolicy\":\"MULTIVALUE\","
		"\"DnsRecords\":[{\"Type\":\"A\",\"TTL\":5},{\"Type\":\"AAAA\",\"TTL\":"
		"5},"
		"{\"Type\":\"SRV\",\"TTL\":5}]}}");
	w = (struct service_wish){
		.records = RECORD_CNAME, .ttl_s = 60, .custom_health = true};
	expect_json(request_service("ns-1", "db", &w),
		"{\"NamespaceId\":\"ns-1\",\"Name\":\"db\",\"DnsConfig\":{"
		"\"RoutingPolicy\":\"WEIGHTED\","
		"\"DnsRecords\":[{\"Type\":\"CNAME\",\"TTL\":60}]},"
		"\"HealthCheckCustomConfig\":{}}");
	w = (struct service_wish){.http = true};
	expect_json(request_service("ns-1", "api", &w),
		"{\"NamespaceId\":\"ns-1\",\"Name\":\"api\",\"Type\":\"HTTP\"}");
}

/* What comes back has to be all that there was, or it would be deleted. */
Test(request, an_update_sends_back_the_whole_configuration)
{
	static const char service[] =
		"{\"Id\":\"srv-1\",\"Name\":\"web\",\"Description\":\"old\","
		"\"DnsConfig\":{"
		"\"NamespaceId\":\"ns-1\",\"RoutingPolicy\":\"MULTIVALUE\","
		"\"DnsRecords\":["
		"{\"Type\":\"A\",\"TTL\":5},{\"Type\":\"SRV\",\"TTL\":9}]},"
		"\"HealthCheckConfig\":{\"Type\":\"HTTP\",\"ResourcePath\":\"/up\","
		"\"FailureThreshold\":3}}";
	json_t *full = json_loads(service, 0, NULL);
	json_t *bare = json_pack("{s:s, s:{}}", "Id", "srv-2", "DnsConfig");

	expect_json(request_service_update(full, 60, NULL),
		"{\"Id\":\"srv-1\",\"Service\":{\"DnsConfig\":{\"DnsRecords\":["
		"{\"Type\":\"A\",\"TTL\":60},{\"Type\":\"SRV\",\"TTL\":60}]},"
		"\"HealthCheckConfig\":{\"Type\":\"HTTP\",\"ResourcePath\":\"/up\","
		"\"FailureThreshold\":3}}}");
	expect_json(request_service_update(full, -1, "new"),
		"{\"Id\":\"srv-1\",\"Service\":{\"Description\":\"new\",\"DnsConfig\":{"
		"\"DnsRecords\":[{\"Type\":\"A\",\"TTL\":5},{\"Type\":\"SRV\",\"TTL\":"
		"9}]},"
		"\"HealthCheckConfig\":{\"Type\":\"HTTP\",\"ResourcePath\":\"/up\","
		"\"FailureThreshold\":3}}}");
	expect_json(request_service_update(bare, -1, ""),
		"{\"Id\":\"srv-2\",\"Service\":{\"Description\":\"\"}}");
	json_decref(full);
	json_decref(bare);
}

Test(request, tags_keep_their_order)
{
	json_t *tags = json_pack("{s:s, s:s}", "b", "1", "a", "x=y");
	struct service_wish w = {.http = true, .tags = tags};

	expect_json(request_tags(tags),
		"[{\"Key\":\"b\",\"Value\":\"1\"},{\"Key\":\"a\",\"Value\":\"x=y\"}]");
	expect_json(request_namespace("prod", NAMESPACE_HTTP, NULL, -1, NULL, tags),
		"{\"Name\":\"prod\",\"Tags\":[{\"Key\":\"b\",\"Value\":\"1\"},"
		"{\"Key\":\"a\",\"Value\":\"x=y\"}]}");
	json_object_del(tags, "b");
	expect_json(request_service("ns-1", "api", &w),
		"{\"NamespaceId\":\"ns-1\",\"Name\":\"api\",\"Type\":\"HTTP\","
		"\"Tags\":[{\"Key\":\"a\",\"Value\":\"x=y\"}]}");
	json_decref(tags);
}

Test(request, a_registration_carries_its_attributes)
{
	struct registration r = {.id = "i-1",
		.port = 80,
		.lease = "30s",
		.weight = 255,
		.unhealthy = true};

	r.has_ipv4 = inet_pton(AF_INET, "192.0.2.1", &r.ipv4) == 1;
	r.has_ipv6 = inet_pton(AF_INET6, "2001:DB8:0::1", &r.ipv6) == 1;
	r.attributes = json_pack("{s:s}", "color", "blue");
	expect_json(request_register("srv-1", &r),
		"{\"ServiceId\":\"srv-1\",\"InstanceId\":\"i-1\",\"Attributes\":{"
		"\"AWS_INSTANCE_IPV4\":\"192.0.2.1\",\"AWS_INSTANCE_IPV6\":\"2001:db8::"
		"1\","
		"\"AWS_INSTANCE_PORT\":\"80\",\"CMAP_LEASE\":\"30s\","
		"\"CMAP_WEIGHT\":\"255\",\"AWS_INIT_HEALTH_STATUS\":\"UNHEALTHY\","
		"\"color\":\"blue\"}}");
	json_decref(r.attributes);
}

Test(request, records_follow_what_is_registered)
{
	struct registration r = {.port = 80, .has_ipv6 = true};
	char text[24];

	request_records_text(request_records(&r), text);
	cr_assert_str_eq(text, "AAAA,SRV");
	r = (struct registration){.cname = "a.b"};
	cr_assert_eq(request_records(&r), RECORD_CNAME);
	request_records_text(0, text);
	cr_assert_str_eq(text, "");
	cr_assert_eq(request_record("SRV"), RECORD_SRV);
	cr_assert_eq(request_record("MX"), 0);
}
