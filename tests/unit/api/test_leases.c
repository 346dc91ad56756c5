/* SPDX-License-Identifier: MIT */
/* RenewLeases, and that what has expired is not there any more. */
#include <string.h>

#include "fixture.h"
#include "test.h"

#define OWNER "\"ResourceOwner\":\"123456789012\","
#define BY    "\"CreatedByAccount\":\"123456789012\""

#define LISTED(id, ip, lease)                                                          \
	"{\"Id\":\"" id "\",\"Attributes\":{\"AWS_INSTANCE_IPV4\":\"" ip "\"" lease
#define I1(left)                                                                       \
	LISTED("i-1", "10.0.0.1",                                                      \
		",\"CMAP_LEASE\":\"30s\"}," BY                                         \
		",\"LeaseMs\":30000,\"LeaseRemainingMs\":" left "}")
#define I2 LISTED("i-2", "10.0.0.2", "}," BY "}")

Test(leases, are_listed_and_renewed_by_id_and_by_name)
{
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_register(&f, "i-1", "10.0.0.1", "30s");
	fixture_register(&f, "i-2", "10.0.0.2", NULL);
	fixture_pass(&f, 10000);
	fixture_expect(&f, "Cmap_v1.ListInstances", "{\"ServiceId\":\"SRVID\"}",
		"200 {" OWNER "\"Instances\":[" I1("20000") "," I2 "]}");
	fixture_expect(&f, "Cmap_v1.RenewLeases",
		"{\"Leases\":[{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\"}]}",
		"200 {\"Renewed\":1,\"Failed\":[]}");
	fixture_expect(&f, "Cmap_v1.ListInstances", "{\"ServiceId\":\"SRVID\"}",
		"200 {" OWNER "\"Instances\":[" I1("30000") "," I2 "]}");
	fixture_pass(&f, 29000);
	fixture_expect(&f, "Cmap_v1.RenewLeases",
		"{\"Leases\":[{\"ServiceName\":\"X.prod\",\"InstanceId\":\"i-1\"}]}",
		"200 {\"Renewed\":1,\"Failed\":[]}");
	fixture_pass(&f, 29999);
	fixture_expect(&f, "Cmap_v1.ListInstances",
		"{\"ServiceId\":\"SRVID\",\"MaxResults\":1}",
		"200 {" OWNER
		"\"Instances\":[" I1("1") "],\"NextToken\":\"SRVID/i-1\"}");
	fixture_free(&f);
}

Test(leases, a_namespace_made_later_keeps_nobody_from_renewing)
{
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_register(&f, "i-1", "10.0.0.1", "30s");
	fixture_call(&f, "CreateHttpNamespace", "{\"Name\":\"x.prod\"}");
	fixture_expect(&f, "Cmap_v1.RenewLeases",
		"{\"Leases\":[{\"ServiceName\":\"x.prod\",\"InstanceId\":\"i-1\"}]}",
		"200 {\"Renewed\":1,\"Failed\":[]}");
	fixture_free(&f);
}

Test(leases, each_failure_names_its_place)
{
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_register(&f, "i-1", "10.0.0.1", "30s");
	fixture_register(&f, "i-2", "10.0.0.2", NULL);
	fixture_expect(&f, "Cmap_v1.RenewLeases",
		"{\"Leases\":[{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\"},"
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-2\"},"
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-9\"},"
		"{\"ServiceId\":\"srv-none\",\"InstanceId\":\"i-1\"},"
		"{\"ServiceName\":\"y.prod\",\"InstanceId\":\"i-1\"},"
		"{\"ServiceName\":\"x.test\",\"InstanceId\":\"i-1\"},"
		"{\"InstanceId\":\"i-1\"},"
		"{\"ServiceId\":\"SRVID\",\"ServiceName\":\"x.prod\",\"InstanceId\":"
		"\"i-"
		"1\"},"
		"{\"ServiceName\":\"x.prod\",\"ServiceId\":null,\"InstanceId\":\"i-1\"}"
		"]}",
		"200 {\"Renewed\":2,\"Failed\":["
		"{\"Index\":1,\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-2\",\"__"
		"type\":"
		"\"InvalidInput\","
		"\"Message\":\"Instance 'i-2' has no lease.\"},"
		"{\"Index\":2,\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-9\",\"__"
		"type\":"
		"\"InstanceNotFound\",\"Message\":\"Service 'x' has no instance "
		"'i-9'.\"},"
		"{\"Index\":3,\"ServiceId\":\"srv-none\",\"InstanceId\":\"i-1\",\"__"
		"type\":"
		"\"ServiceNotFound\",\"Message\":\"No service has the id "
		"'srv-none'.\"},"
		"{\"Index\":4,\"ServiceName\":\"y.prod\",\"InstanceId\":\"i-1\",\"__"
		"type\":"
		"\"ServiceNotFound\",\"Message\":\"no service 'y' in namespace "
		"'prod'\"},"
		"{\"Index\":5,\"ServiceName\":\"x.test\",\"InstanceId\":\"i-1\",\"__"
		"type\":"
		"\"NamespaceNotFound\",\"Message\":\"no namespace holds 'x.test'\"},"
		"{\"Index\":6,\"InstanceId\":\"i-1\",\"__type\":\"InvalidInput\","
		"\"Message\":"
		"\"A lease must have either ServiceId or ServiceName.\"},"
		"{\"Index\":7,\"ServiceId\":\"SRVID\",\"ServiceName\":\"x.prod\","
		"\"InstanceId\":\"i-1\","
		"\"__type\":\"InvalidInput\",\"Message\":"
		"\"A lease must have either ServiceId or ServiceName.\"}]}");
	fixture_free(&f);
}

Test(leases, renewing_writes_nothing_to_the_store)
{
	struct fixture f;
	uint64_t commits;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_register(&f, "i-1", "10.0.0.1", "30s");
	commits = store_mem_commits(f.store);
	for (int i = 0; i < 100; i++)
		fixture_call(&f, "Cmap_v1.RenewLeases",
			"{\"Leases\":[{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\"}]"
			"}");
	cr_assert_eq(store_mem_commits(f.store), commits);
	fixture_free(&f);
}

/* The store hangs, so the instance stays in the model; nobody is told of it. */
Test(leases, an_expired_instance_is_nowhere_even_if_the_store_hangs)
{
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_register(&f, "i-1", "10.0.0.1", "30s");
	f.stuck = true;
	fixture_pass(&f, 29999);
	fixture_expect(&f, "GetInstance",
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\"}",
		"200 {" OWNER "\"Instance\":{\"Id\":\"i-1\",\"Attributes\":{\"AWS_"
		"INSTANCE_IPV4\":\"10.0.0.1\","
		"\"CMAP_LEASE\":\"30s\"}," BY "}}");
	fixture_pass(&f, 1);
	fixture_expect(&f, "GetInstance",
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\"}",
		"400 {\"__type\":\"InstanceNotFound\",\"Message\":\"Service 'x' has no "
		"instance "
		"'i-1'.\"}");
	fixture_expect(&f, "DeregisterInstance",
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\"}",
		"400 {\"__type\":\"InstanceNotFound\",\"Message\":\"Service 'x' has no "
		"instance "
		"'i-1'.\"}");
	fixture_expect(&f, "ListInstances", "{\"ServiceId\":\"SRVID\"}",
		"200 {" OWNER "\"Instances\":[]}");
	fixture_expect(&f, "Cmap_v1.ListInstances", "{\"ServiceId\":\"SRVID\"}",
		"200 {" OWNER "\"Instances\":[]}");
	fixture_expect(&f, "DiscoverInstances",
		"{\"NamespaceName\":\"prod\",\"ServiceName\":\"x\"}",
		"200 {\"Instances\":[],\"InstancesRevision\":3}");
	fixture_expect(&f, "Cmap_v1.RenewLeases",
		"{\"Leases\":[{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\"}]}",
		"200 {\"Renewed\":0,\"Failed\":[{\"Index\":0,\"ServiceId\":\"SRVID\","
		"\"InstanceId\":\"i-1\",\"__type\":\"InstanceNotFound\",\"Message\":"
		"\"Service 'x' has no instance 'i-1'.\"}]}");
	fixture_free(&f);
}

Test(leases, a_call_renews_a_thousand_and_no_more)
{
	struct buf body = {0};
	struct fixture f;
	const char *answer;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_register(&f, "i-1", "10.0.0.1", "30s");
	buf_add_text(&body, "{\"Leases\":[");
	for (int i = 0; i < 1000; i++)
		buf_printf(&body, "%s{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\"}",
			i ? "," : "");
	buf_add_text(&body, "]}");
	fixture_expect(&f, "Cmap_v1.RenewLeases", body.data,
		"200 {\"Renewed\":1000,\"Failed\":[]}");
	body.len -= 2;
	buf_add_text(&body, ",{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\"}]}");
	answer = fixture_call(&f, "Cmap_v1.RenewLeases", body.data);
	cr_assert_str_eq(answer, "400 {\"__type\":\"InvalidInput\",\"Message\":\"1 "
				 "validation error detected: Value "
				 "'[1001]' at 'leases' failed to satisfy constraint: "
				 "Member must have length less "
				 "than or equal to 1000\"}");
	buf_free(&body);
	fixture_free(&f);
}
