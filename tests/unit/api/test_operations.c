/* SPDX-License-Identifier: MIT */
/* What each operation answers, to the octet. */
#include <unistd.h>

#include "fixture.h"
#include "test.h"

#define ARN   "arn:aws:servicediscovery:us-west-2:123456789012:"
#define OWNER "\"ResourceOwner\":\"123456789012\","
#define BY    "\"CreatedByAccount\":\"123456789012\""
#define DATE  "\"CreateDate\":1516925490.087"

#define NAMESPACE_HEAD                                                                 \
	"\"Id\":\"NSID\",\"Arn\":\"" ARN "namespace/NSID\"," OWNER "\"Name\":"         \
	"\"prod\","
#define SERVICE_HEAD                                                                   \
	"\"Id\":\"SRVID\",\"Arn\":\"" ARN "service/SRVID\"," OWNER "\"Name\":\"x\","

Test(operations, create_and_get_a_private_namespace)
{
	struct fixture f;

	fixture_init(&f);
	fixture_expect(&f, "CreatePrivateDnsNamespace",
		"{\"Name\":\"prod\",\"Vpc\":\"v\"}", "200 {\"OperationId\":\"op-*\"}");
	fixture_expect(&f, "ListNamespaces", "{}",
		"200 {\"Namespaces\":[{" NAMESPACE_HEAD
		"\"Type\":\"DNS_PRIVATE\",\"ServiceCount\":0,\"Properties\":{"
		"\"DnsProperties\":"
		"{\"HostedZoneId\":\"Z*\",\"SOA\":{}},\"HttpProperties\":{\"HttpName\":"
		"\"prod\"}}," DATE "}]}");
	fixture_expect(&f, "GetNamespace", "{\"Id\":\"NSID\"}",
		"200 {\"Namespace\":{" NAMESPACE_HEAD
		"\"Type\":\"DNS_PRIVATE\",\"ServiceCount\":0,\"Properties\":{"
		"\"DnsProperties\":"
		"{\"HostedZoneId\":\"Z*\",\"SOA\":{}},\"HttpProperties\":{\"HttpName\":"
		"\"prod\"}}," DATE "}}");
	fixture_free(&f);
}

Test(operations, give_back_what_a_namespace_was_created_with)
{
	struct fixture f;

	fixture_init(&f);
	fixture_expect(&f, "CreatePublicDnsNamespace",
		"{\"Name\":\"a.example\",\"CreatorRequestId\":\"r-1\",\"Description\":"
		"\"d \\u00fc\","
		"\"Tags\":[{\"Key\":\"k\",\"Value\":\"v\"}],"
		"\"Properties\":{\"DnsProperties\":{\"SOA\":{\"TTL\":60}}}}",
		"200 {\"OperationId\":\"op-*\"}");
	fixture_call(&f, "ListNamespaces", "{}");
	fixture_expect(&f, "GetNamespace", "{\"Id\":\"NSID\"}",
		"200 {\"Namespace\":{\"Id\":\"NSID\",\"Arn\":\"" ARN
		"namespace/NSID\"," OWNER "\"Name\":\"a.example\",\"Type\":\"DNS_"
		"PUBLIC\",\"Description\":\"d \xC3\xBC\","
		"\"ServiceCount\":0,\"Properties\":{\"DnsProperties\":{"
		"\"HostedZoneId\":\"Z*\","
		"\"SOA\":{\"TTL\":60}},\"HttpProperties\":{\"HttpName\":\"a.example\"}}"
		"," DATE ",\"CreatorRequestId\":\"r-1\"}}");
	fixture_free(&f);
}

Test(operations, create_and_get_an_http_namespace)
{
	struct fixture f;

	fixture_init(&f);
	fixture_expect(&f, "CreateHttpNamespace", "{\"Name\":\"n/a\"}",
		"200 {\"OperationId\":\"op-*\"}");
	fixture_call(&f, "ListNamespaces", "{}");
	fixture_expect(&f, "GetNamespace", "{\"Id\":\"NSID\"}",
		"200 {\"Namespace\":{\"Id\":\"NSID\",\"Arn\":\"" ARN
		"namespace/NSID\"," OWNER
		"\"Name\":\"n/a\",\"Type\":\"HTTP\",\"ServiceCount\":0,\"Properties\":"
		"{\"DnsProperties\":{\"SOA\":{}},\"HttpProperties\":{\"HttpName\":\"n/"
		"a\"}}," DATE "}}");
	/* The deprecated member, and what Type HTTP is answered with. */
	fixture_expect(&f, "CreateService",
		"{\"Name\":\"X.y\",\"NamespaceId\":\"NSID\",\"Type\":\"HTTP\"}",
		"200 {\"Service\":{\"Id\":\"SRVID\",\"Arn\":\"" ARN
		"service/SRVID\"," OWNER
		"\"Name\":\"X.y\",\"NamespaceId\":\"NSID\",\"DnsConfig\":{},\"Type\":"
		"\"HTTP\"," DATE "," BY "}}");
	fixture_free(&f);
}

Test(operations, create_get_and_list_a_service)
{
	struct fixture f;

	fixture_init(&f);
	fixture_call(&f, "CreatePrivateDnsNamespace",
		"{\"Name\":\"prod\",\"Vpc\":\"v\"}");
	fixture_call(&f, "ListNamespaces", "{}");
	fixture_expect(&f, "CreateService",
		"{\"Name\":\"x\",\"NamespaceId\":\"NSID\",\"CreatorRequestId\":\"c\","
		"\"Description\":\"d\","
		"\"DnsConfig\":{\"RoutingPolicy\":\"MULTIVALUE\",\"DnsRecords\":["
		"{\"Type\":\"A\",\"TTL\":60},{\"Type\":\"AAAA\",\"TTL\":0}]},"
		"\"HealthCheckCustomConfig\":{\"FailureThreshold\":7}}",
		"200 {\"Service\":{" SERVICE_HEAD
		"\"NamespaceId\":\"NSID\",\"Description\":\"d\",\"DnsConfig\":{"
		"\"NamespaceId\":\"NSID\","
		"\"RoutingPolicy\":\"MULTIVALUE\",\"DnsRecords\":[{\"Type\":\"A\","
		"\"TTL\":60},"
		"{\"Type\":\"AAAA\",\"TTL\":0}]},\"Type\":\"DNS_HTTP\","
		"\"HealthCheckCustomConfig\":{\"FailureThreshold\":1}," DATE
		",\"CreatorRequestId\":\"c\"," BY "}}");
	fixture_expect(&f, "GetService", "{\"Id\":\"SRVID\"}",
		"200 {\"Service\":{" SERVICE_HEAD
		"\"NamespaceId\":\"NSID\",\"Description\":\"d\",\"InstanceCount\":0,"
		"\"DnsConfig\":"
		"{\"NamespaceId\":\"NSID\",\"RoutingPolicy\":\"MULTIVALUE\","
		"\"DnsRecords\":["
		"{\"Type\":\"A\",\"TTL\":60},{\"Type\":\"AAAA\",\"TTL\":0}]},\"Type\":"
		"\"DNS_HTTP\","
		"\"HealthCheckCustomConfig\":{\"FailureThreshold\":1}," DATE
		",\"CreatorRequestId\":\"c\"," BY "}}");
	fixture_expect(&f, "ListServices", "{}",
		"200 {\"Services\":[{" SERVICE_HEAD
		"\"Description\":\"d\",\"InstanceCount\":0,\"DnsConfig\":"
		"{\"RoutingPolicy\":\"MULTIVALUE\",\"DnsRecords\":[{\"Type\":\"A\","
		"\"TTL\":60},"
		"{\"Type\":\"AAAA\",\"TTL\":0}]},\"Type\":\"DNS_HTTP\","
		"\"HealthCheckCustomConfig\":{\"FailureThreshold\":1}," DATE "," BY
		"}]}");
	fixture_free(&f);
}

Test(operations, a_service_names_its_namespace_in_dns_config_or_by_arn)
{
	struct fixture f;

	fixture_init(&f);
	fixture_call(&f, "CreatePublicDnsNamespace", "{\"Name\":\"a.b\"}");
	fixture_call(&f, "ListNamespaces", "{}");
	fixture_expect(&f, "CreateService",
		"{\"Name\":\"x\",\"DnsConfig\":{\"NamespaceId\":\"NSID\","
		"\"DnsRecords\":["
		"{\"Type\":\"SRV\",\"TTL\":5}]},"
		"\"HealthCheckConfig\":{\"Type\":\"HTTP\",\"ResourcePath\":\"/h\"}}",
		"200 {\"Service\":{" SERVICE_HEAD
		"\"NamespaceId\":\"NSID\",\"DnsConfig\":{\"NamespaceId\":\"NSID\","
		"\"DnsRecords\":["
		"{\"Type\":\"SRV\",\"TTL\":5}]},\"Type\":\"DNS_HTTP\","
		"\"HealthCheckConfig\":"
		"{\"Type\":\"HTTP\",\"ResourcePath\":\"/"
		"h\",\"FailureThreshold\":1}," DATE "," BY "}}");
	fixture_free(&f);
}

Test(operations, register_get_list_discover_and_deregister)
{
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_expect(&f, "RegisterInstance",
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\",\"CreatorRequestId\":"
		"\"r\","
		"\"Attributes\":{\"AWS_INSTANCE_IPV4\":\"10.0.0.1\",\"zone\":\"a "
		"\\\"b\\\"\","
		"\"empty\":\"\"}}",
		"200 {\"OperationId\":\"op-*\"}");
	fixture_expect(&f, "GetInstance",
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\"}",
		"200 {" OWNER "\"Instance\":{\"Id\":\"i-1\",\"CreatorRequestId\":\"r\","
		"\"Attributes\":"
		"{\"AWS_INSTANCE_IPV4\":\"10.0.0.1\",\"zone\":\"a "
		"\\\"b\\\"\",\"empty\":\"\"}," BY "}}");
	fixture_expect(&f, "ListInstances", "{\"ServiceId\":\"SRVID\"}",
		"200 {" OWNER "\"Instances\":[{\"Id\":\"i-1\",\"Attributes\":"
		"{\"AWS_INSTANCE_IPV4\":\"10.0.0.1\",\"zone\":\"a "
		"\\\"b\\\"\",\"empty\":\"\"}," BY "}]}");
	fixture_expect(&f, "DiscoverInstances",
		"{\"NamespaceName\":\"prod\",\"ServiceName\":\"x\"}",
		"200 "
		"{\"Instances\":[{\"InstanceId\":\"i-1\",\"NamespaceName\":\"prod\","
		"\"ServiceName\":\"x\",\"HealthStatus\":\"UNKNOWN\",\"Attributes\":"
		"{\"AWS_INSTANCE_IPV4\":\"10.0.0.1\",\"zone\":\"a "
		"\\\"b\\\"\",\"empty\":\"\"}}],"
		"\"InstancesRevision\":3}");
	fixture_expect(&f, "DeregisterInstance",
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\"}",
		"200 {\"OperationId\":\"op-*\"}");
	fixture_expect(&f, "DiscoverInstances",
		"{\"NamespaceName\":\"PROD\",\"ServiceName\":\"X\"}",
		"200 {\"Instances\":[],\"InstancesRevision\":4}");
	fixture_expect(&f, "ListInstances", "{\"ServiceId\":\"SRVID\"}",
		"200 {" OWNER "\"Instances\":[]}");
	fixture_expect(&f, "DeleteService", "{\"Id\":\"SRVID\"}", "200 {}");
	fixture_expect(&f, "DeleteNamespace", "{\"Id\":\"NSID\"}",
		"200 {\"OperationId\":\"op-*\"}");
	fixture_expect(&f, "ListServices", "{}", "200 {\"Services\":[]}");
	fixture_expect(&f, "ListNamespaces", "", "200 {\"Namespaces\":[]}");
	fixture_free(&f);
}

/* The id of an operation is masked on its way back, so this one is asked for past fixture_call(). */
Test(operations, get_the_operation_of_each_kind)
{
	static const char *const expected[] = {
		"\"Type\":\"CREATE_NAMESPACE\",\"Status\":\"SUCCESS\"," DATE
		",\"UpdateDate\":1516925490.087,\"Targets\":{\"NAMESPACE\":\"NSID\"}}}",
		"\"Type\":\"REGISTER_INSTANCE\",\"Status\":\"SUCCESS\"," DATE
		",\"UpdateDate\":1516925490.087,\"Targets\":{\"INSTANCE\":\"i-1\","
		"\"SERVICE\":\"SRVID\"}}}",
		"\"Type\":\"DEREGISTER_INSTANCE\",\"Status\":\"SUCCESS\","
		"\"CreateDate\":1516925491.087"
		",\"UpdateDate\":1516925491.087,\"Targets\":{\"INSTANCE\":\"i-1\","
		"\"SERVICE\":\"SRVID\"}}}",
	};
	struct buf body = {0}, answer = {0};
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_register(&f, "i-1", "10.0.0.1", NULL);
	fixture_pass(&f, 1000);
	fixture_call(&f, "DeregisterInstance",
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\"}");
	cr_assert_eq(registry_model(f.registry)->next_sequence, 3u);
	for (uint32_t i = 0; i < 3; i++) {
		const char *id = registry_model(f.registry)->ring[i]->id;

		buf_printf(&body,
			"{\"OperationId\":\"%s\",\"OwnerAccount\":\"123456789012\"}",
			id);
		buf_printf(&answer,
			"200 "
			"{\"Operation\":{\"Id\":\"op-*\",\"OwnerAccount\":"
			"\"123456789012\",%s",
			expected[i]);
		fixture_expect(&f, "GetOperation", body.data, answer.data);
		buf_free(&body);
		buf_free(&answer);
	}
	fixture_free(&f);
}

Test(operations, discover_by_health_and_attributes)
{
#define DISCOVER(more) "{\"NamespaceName\":\"prod\",\"ServiceName\":\"h\"" more "}"
#define FOUND(id, health, zone)                                                        \
	"{\"InstanceId\":\"" id "\",\"NamespaceName\":\"prod\",\"ServiceName\":\"h\"," \
	"\"HealthStatus\":\"" health                                                   \
	"\",\"Attributes\":{\"AWS_INSTANCE_IPV4\":\"10.0.0.1\","                       \
	"\"AWS_INIT_HEALTH_STATUS\":\"" health "\",\"zone\":\"" zone "\"}}"
#define REVISION "],\"InstancesRevision\":4}"
#define GOOD     FOUND("good", "HEALTHY", "a")
#define BAD      FOUND("bad", "UNHEALTHY", "b")
	struct fixture f;

	fixture_init(&f);
	fixture_call(&f, "CreatePrivateDnsNamespace",
		"{\"Name\":\"prod\",\"Vpc\":\"v\"}");
	fixture_call(&f, "ListNamespaces", "{}");
	fixture_call(&f, "CreateService",
		"{\"Name\":\"h\",\"NamespaceId\":\"NSID\",\"DnsConfig\":{"
		"\"DnsRecords\":["
		"{\"Type\":\"A\",\"TTL\":60}]},\"HealthCheckCustomConfig\":{}}");
	fixture_call(&f, "RegisterInstance",
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"good\",\"Attributes\":{"
		"\"AWS_INSTANCE_IPV4\":\"10.0.0.1\",\"AWS_INIT_HEALTH_STATUS\":"
		"\"HEALTHY\","
		"\"zone\":\"a\"}}");
	fixture_call(&f, "RegisterInstance",
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"bad\",\"Attributes\":{"
		"\"AWS_INSTANCE_IPV4\":\"10.0.0.1\",\"AWS_INIT_HEALTH_STATUS\":"
		"\"UNHEALTHY\","
		"\"zone\":\"b\"}}");
	fixture_expect(&f, "DiscoverInstances", DISCOVER(""),
		"200 {\"Instances\":[" GOOD REVISION);
	fixture_expect(&f, "DiscoverInstances",
		DISCOVER(",\"HealthStatus\":\"HEALTHY\""),
		"200 {\"Instances\":[" GOOD REVISION);
	fixture_expect(&f, "DiscoverInstances",
		DISCOVER(",\"HealthStatus\":\"UNHEALTHY\""),
		"200 {\"Instances\":[" BAD REVISION);
	fixture_expect(&f, "DiscoverInstances",
		DISCOVER(",\"HealthStatus\":\"ALL\",\"QueryParameters\":{\"zone\":"
			 "\"b\"}"),
		"200 {\"Instances\":[" BAD REVISION);
	fixture_expect(&f, "DiscoverInstances",
		DISCOVER(",\"HealthStatus\":\"ALL\",\"QueryParameters\":{\"zone\":"
			 "\"c\"}"),
		"200 {\"Instances\":[" REVISION);
	fixture_expect(&f, "DiscoverInstances",
		DISCOVER(",\"HealthStatus\":\"ALL\",\"OptionalParameters\":{\"zone\":"
			 "\"a\"}"),
		"200 {\"Instances\":[" GOOD REVISION);
	fixture_expect(&f, "DiscoverInstances",
		DISCOVER(",\"HealthStatus\":\"HEALTHY_OR_ELSE_ALL\","
			 "\"QueryParameters\":"
			 "{\"zone\":\"b\"}"),
		"200 {\"Instances\":[" BAD REVISION);
	fixture_expect(&f, "DiscoverInstances",
		DISCOVER(",\"HealthStatus\":\"ALL\",\"OptionalParameters\":{\"zone\":"
			 "\"c\"},"
			 "\"QueryParameters\":{\"zone\":\"a\",\"AWS_INSTANCE_IPV4\":"
			 "\"10.0.0.1\"},"
			 "\"MaxResults\":1,\"OwnerAccount\":\"123456789012\""),
		"200 {\"Instances\":[" GOOD REVISION);
	fixture_free(&f);
}

/* The same request again is the same operation, and changes nothing. */
Test(operations, a_repeated_request_is_answered_alike)
{
	static const char ns[] =
		"{\"Name\":\"prod\",\"Vpc\":\"v\",\"CreatorRequestId\":\"n-1\"}";
	static const char service[] =
		"{\"Name\":\"x\",\"NamespaceId\":\"NSID\",\"CreatorRequestId\":\"s-1\","
		"\"DnsConfig\":{\"DnsRecords\":[{\"Type\":\"A\",\"TTL\":60}]}}";
	struct fixture f;
	uint64_t revision;

	fixture_init(&f);
	fixture_fill(&f);
	revision = registry_model(f.registry)->revision;
	fixture_expect(&f, "CreatePrivateDnsNamespace", ns,
		"200 {\"OperationId\":\"op-*\"}");
	fixture_expect(&f, "CreateService", service,
		"200 {\"Service\":{" SERVICE_HEAD
		"\"NamespaceId\":\"NSID\",\"DnsConfig\":{\"NamespaceId\":\"NSID\","
		"\"DnsRecords\":["
		"{\"Type\":\"A\",\"TTL\":60}]},\"Type\":\"DNS_HTTP\"," DATE
		",\"CreatorRequestId\":\"s-1\"," BY "}}");
	cr_assert_eq(registry_model(f.registry)->revision, revision);
	fixture_free(&f);
}

Test(operations, find_a_service_by_its_full_name)
{
#define PROD(services)                                                                 \
	"{" NAMESPACE_HEAD "\"Type\":\"DNS_PRIVATE\",\"ServiceCount\":" services       \
	",\"Properties\":{\"DnsProperties\":{\"HostedZoneId\":\"Z*\",\"SOA\":{}},"     \
	"\"HttpProperties\":{\"HttpName\":\"prod\"}}," DATE                            \
	",\"CreatorRequestId\":\"n-1\"}"
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_expect(&f, "Cmap_v1.FindService", "{\"Name\":\"x.prod\"}",
		"200 {\"Namespace\":" PROD(
			"1") ",\"ServiceName\":\"x\",\"Service\":{" SERVICE_HEAD
			     "\"NamespaceId\":\"NSID\",\"InstanceCount\":0,"
			     "\"DnsConfig\":"
			     "{\"NamespaceId\":\"NSID\","
			     "\"DnsRecords\":[{\"Type\":\"A\",\"TTL\":60}]},\"Type\":"
			     "\"DNS_HTTP\"," DATE ",\"CreatorRequestId\":\"s-1\"," BY
			     "}}");
	fixture_expect(&f, "Cmap_v1.FindService", "{\"Name\":\"_http._tcp.y.prod\"}",
		"200 {\"Namespace\":" PROD("1") ",\"ServiceName\":\"_http._tcp.y\"}");
	fixture_expect(&f, "Cmap_v1.FindService", "{\"Name\":\"prod\"}",
		"200 {\"Namespace\":" PROD("1") ",\"ServiceName\":\".\"}");
	fixture_expect(&f, "Cmap_v1.FindService", "{\"Name\":\"x.test\"}",
		"400 {\"__type\":\"NamespaceNotFound\",\"Message\":\"no namespace "
		"holds 'x.test'\"}");
	fixture_free(&f);
}

static void count_queries(void *arg, uint64_t sum[COUNTER_N])
{
	(void)arg;
	sum[COUNTER_UDP_QUERIES] += 7;
	sum[COUNTER_SEND_FAILED] += 2;
}

static void count_aliases(void *arg, struct api_aliases *out)
{
	(void)arg;
	*out = (struct api_aliases){.n_new = 1, .n_good = 2, .n_stale = 3, .n_lost = 4};
}

Test(operations, status)
{
	static const char *const listeners[] = {
		"udp 127.0.0.1:53", "tcp [::1]:53", NULL};
	struct buf expected = {0};
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_register(&f, "i-1", "10.0.0.1", "30s");
	fixture_register(&f, "i-2", "10.0.0.2", NULL);
	f.options.listeners = listeners;
	f.options.counters = count_queries;
	f.options.aliases = count_aliases;
	fixture_pass(&f, 1500);
	buf_printf(&expected,
		"200 "
		"{\"Version\":\"1.2.3\",\"Pid\":%d,\"UptimeMs\":1500,\"Revision\":4,"
		"\"Namespaces\":1,\"Services\":1,\"Instances\":2,\"Leased\":1,"
		"\"Store\":{\"State\":\"ok\",\"Path\":\"/var/lib/cmap/cmap.db\"},"
		"\"Listeners\":[\"udp 127.0.0.1:53\",\"tcp [::1]:53\"],"
		"\"Aliases\":{\"Targets\":10,\"New\":1,\"Stale\":3,\"Failing\":4},"
		"\"Counters\":{\"UdpQueries\":7",
		(int)getpid());
	for (unsigned int i = 1; i < COUNTER_N; i++)
		buf_printf(&expected, ",\"%s\":%d", counter_name((enum counter)i),
			i == COUNTER_SEND_FAILED ? 2 : 0);
	buf_add_text(&expected, "}}");
	fixture_expect(&f, "Cmap_v1.Status", "{}", expected.data);
	buf_free(&expected);
	fixture_free(&f);
}
