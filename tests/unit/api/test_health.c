/* SPDX-License-Identifier: MIT */
/* GetInstancesHealthStatus and UpdateInstanceCustomHealthStatus. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "test.h"

#define SERVICE(name, rest)                                                            \
	"{\"Name\":\"" name                                                            \
	"\",\"NamespaceId\":\"NSID\",\"CreatorRequestId\":\"c\"" rest "}"

/* The service "h" with custom health, registered first so that SRVID is its id. */
static void start(struct fixture *f)
{
	fixture_init(f);
	fixture_call(f, "CreatePrivateDnsNamespace",
		"{\"Name\":\"prod\",\"Vpc\":\"vpc-1\"}");
	fixture_call(f, "ListNamespaces", "{}"); /* tells NSID */
	fixture_call(f, "CreateService",
		SERVICE("h", ",\"DnsConfig\":{\"DnsRecords\":[{\"Type\":\"A\",\"TTL\":"
			     "5}]},\"HealthCheckCustomConfig\":{}"));
}

static void set(struct fixture *f, const char *id, const char *status)
{
	char body[200];

	snprintf(body, sizeof(body),
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"%s\",\"Status\":\"%s\"}", id,
		status);
	fixture_expect(f, "UpdateInstanceCustomHealthStatus", body, "200 {}");
}

Test(health, is_told_and_asked_for)
{
	struct fixture f;

	start(&f);
	fixture_register(&f, "i-1", "10.0.0.1", NULL);
	fixture_register(&f, "i-2", "10.0.0.2", NULL);
	set(&f, "i-2", "UNHEALTHY");
	fixture_expect(&f, "GetInstancesHealthStatus", "{\"ServiceId\":\"SRVID\"}",
		"200 {\"Status\":{\"i-1\":\"HEALTHY\",\"i-2\":\"UNHEALTHY\"}}");
	fixture_expect(&f, "GetInstancesHealthStatus",
		"{\"ServiceId\":\"SRVID\",\"Instances\":[\"i-2\",\"i-2\"]}",
		"200 {\"Status\":{\"i-2\":\"UNHEALTHY\"}}");
	fixture_expect(&f, "DiscoverInstances",
		"{\"NamespaceName\":\"prod\",\"ServiceName\":\"h\","
		"\"HealthStatus\":\"UNHEALTHY\"}",
		"200 {\"Instances\":[{\"InstanceId\":\"i-2\",\"NamespaceName\":"
		"\"prod\",\"ServiceName\":\"h\",\"HealthStatus\":\"UNHEALTHY\","
		"\"Attributes\":{\"AWS_INSTANCE_IPV4\":\"10.0.0.2\"}}],"
		"\"InstancesRevision\":4}");
	set(&f, "i-2", "HEALTHY");
	fixture_expect(&f, "GetInstancesHealthStatus",
		"{\"ServiceId\":\"SRVID\",\"MaxResults\":1}",
		"200 {\"Status\":{\"i-1\":\"HEALTHY\"},\"NextToken\":\"SRVID/i-1\"}");
	fixture_free(&f);
}

Test(health, is_unknown_without_a_health_check)
{
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_register(&f, "i-1", "10.0.0.1", NULL);
	fixture_expect(&f, "GetInstancesHealthStatus", "{\"ServiceId\":\"SRVID\"}",
		"200 {\"Status\":{\"i-1\":\"UNKNOWN\"}}");
	fixture_expect(&f, "UpdateInstanceCustomHealthStatus",
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\",\"Status\":"
		"\"HEALTHY\"}",
		"400 {\"__type\":\"CustomHealthNotFound\",\"Message\":\"Service 'x' "
		"has "
		"no HealthCheckCustomConfig, so the health of its instances cannot be "
		"told.\"}");
	fixture_free(&f);
}

Test(health, what_cannot_be_is_refused)
{
	static const struct {
		const char *target, *body, *type;
	} cases[] = {
		{"GetInstancesHealthStatus", "{}", "InvalidInput"},
		{"GetInstancesHealthStatus", "{\"ServiceId\":\"srv-none\"}",
			"ServiceNotFound"},
		{"GetInstancesHealthStatus",
			"{\"ServiceId\":\"SRVID\",\"Instances\":[]}", "InvalidInput"},
		{"GetInstancesHealthStatus",
			"{\"ServiceId\":\"SRVID\",\"Instances\":[\"i-1\",\"i-9\"]}",
			"InstanceNotFound"},
		{"GetInstancesHealthStatus",
			"{\"ServiceId\":\"SRVID\",\"MaxResults\":101}", "InvalidInput"},
		{"GetInstancesHealthStatus",
			"{\"ServiceId\":\"SRVID\",\"NextToken\":\"x\"}",
			"InvalidInput"},
		{"UpdateInstanceCustomHealthStatus", "{\"ServiceId\":\"SRVID\"}",
			"InvalidInput"},
		{"UpdateInstanceCustomHealthStatus",
			"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\",\"Status\":"
			"\"UNKNOWN\"}",
			"InvalidInput"},
		{"UpdateInstanceCustomHealthStatus",
			"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-9\",\"Status\":"
			"\"HEALTHY\"}",
			"InstanceNotFound"},
		{"UpdateInstanceCustomHealthStatus",
			"{\"ServiceId\":\"srv-none\",\"InstanceId\":\"i-1\",\"Status\":"
			"\"HEALTHY\"}",
			"ServiceNotFound"},
	};
	struct fixture f;

	start(&f);
	fixture_register(&f, "i-1", "10.0.0.1", NULL);
	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		const char *answer = fixture_call(&f, cases[i].target, cases[i].body);
		char begins[80];

		snprintf(begins, sizeof(begins), "400 {\"__type\":\"%s\"",
			cases[i].type);
		cr_assert_eq(strncmp(answer, begins, strlen(begins)), 0, "%s: %s",
			cases[i].body, answer);
	}
	fixture_free(&f);
}
