/* SPDX-License-Identifier: MIT */
/* The error that each operation answers with, to the octet; and that a refused request changes nothing. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "test.h"

#define FAULT(type, message) "400 {\"__type\":\"" type "\",\"Message\":\"" message "\"}"
#define INVALID(message)     FAULT("InvalidInput", message)
#define NO_NAMESPACE(id)     FAULT("NamespaceNotFound", "No namespace has the id '" id "'.")
#define NO_SERVICE(id)       FAULT("ServiceNotFound", "No service has the id '" id "'.")
#define ARN                  "arn:aws:servicediscovery:us-west-2:"

static const char *const table[][3] = {
	/* namespaces */
	{"CreatePrivateDnsNamespace", "{\"Name\":\"prod\",\"Vpc\":\"v\"}",
		"400 {\"__type\":\"NamespaceAlreadyExists\",\"Message\":\"Namespace "
		"'prod' already "
		"exists.\",\"CreatorRequestId\":\"n-1\",\"NamespaceId\":\"NSID\"}"},
	{"CreatePrivateDnsNamespace",
		"{\"Name\":\"prod\",\"Vpc\":\"other\",\"CreatorRequestId\":\"n-1\"}",
		"400 {\"__type\":\"NamespaceAlreadyExists\",\"Message\":\"Namespace "
		"'prod' already "
		"exists.\",\"CreatorRequestId\":\"n-1\",\"NamespaceId\":\"NSID\"}"},
	{"CreateHttpNamespace", "{\"Name\":\"prod\"}",
		"400 {\"__type\":\"NamespaceAlreadyExists\",\"Message\":\"Namespace "
		"'prod' already "
		"exists.\",\"CreatorRequestId\":\"n-1\",\"NamespaceId\":\"NSID\"}"},
	{"GetNamespace", "{\"Id\":\"ns-aaaa\"}", NO_NAMESPACE("ns-aaaa")},
	{"GetNamespace", "{\"Id\":\"\"}", NO_NAMESPACE("")},
	{"GetNamespace", "{\"Id\":\"" ARN "999999999999:namespace/ns-aaaa\"}",
		NO_NAMESPACE(ARN "999999999999:namespace/ns-aaaa")},
	{"GetNamespace", "{\"Id\":\"" ARN "123456789012:service/srv-aaaa\"}",
		NO_NAMESPACE(ARN "123456789012:service/srv-aaaa")},
	{"DeleteNamespace", "{\"Id\":\"ns-aaaa\"}", NO_NAMESPACE("ns-aaaa")},
	{"DeleteNamespace", "{\"Id\":\"NSID\"}",
		FAULT("ResourceInUse",
			"Namespace contains services; delete the services before "
			"deleting the namespace")},
	/* services */
	{"CreateService", "{\"Name\":\"y\"}",
		INVALID("Service namespace id cannot be null")},
	{"CreateService", "{\"Name\":\"y\",\"DnsConfig\":{\"DnsRecords\":[]}}",
		INVALID("Service namespace id cannot be null")},
	{"CreateService", "{\"Name\":\"y\",\"NamespaceId\":\"ns-aaaa\"}",
		NO_NAMESPACE("ns-aaaa")},
	{"CreateService",
		"{\"Name\":\"y\",\"NamespaceId\":\"NSID\",\"DnsConfig\":{"
		"\"NamespaceId\":"
		"\"ns-aaaa\","
		"\"DnsRecords\":[{\"Type\":\"A\",\"TTL\":60}]}}",
		NO_NAMESPACE("ns-aaaa")},
	{"CreateService",
		"{\"Name\":\"y\",\"NamespaceId\":\"NSID\",\"DnsConfig\":{"
		"\"DnsRecords\":["
		"]}}",
		INVALID("DnsConfig must have at least one of DnsRecords.")},
	{"CreateService",
		"{\"Name\":\"y\",\"NamespaceId\":\"NSID\",\"DnsConfig\":{"
		"\"DnsRecords\":["
		"{\"Type\":\"A\",\"TTL\":60},{\"Type\":\"A\",\"TTL\":60}]}}",
		INVALID("DnsRecords must have each Type only once; A is there twice.")},
	{"CreateService",
		"{\"Name\":\"y\",\"NamespaceId\":\"NSID\",\"DnsConfig\":{"
		"\"DnsRecords\":["
		"{\"Type\":\"A\",\"TTL\":1},{\"Type\":\"AAAA\",\"TTL\":1},{\"Type\":"
		"\"SRV\",\"TTL\":1},"
		"{\"Type\":\"CNAME\",\"TTL\":1},{\"Type\":\"A\",\"TTL\":1},{\"Type\":"
		"\"A\",\"TTL\":1}]}}",
		INVALID("DnsRecords must have each Type only once.")},
	{"CreateService",
		"{\"Name\":\"y\",\"NamespaceId\":\"NSID\",\"Type\":\"HTTP\","
		"\"DnsConfig\":{\"DnsRecords\":["
		"{\"Type\":\"A\",\"TTL\":60}]}}",
		INVALID("A service of Type HTTP has no DNS records; leave out Type or "
			"DnsConfig.")},
	{"CreateService",
		"{\"Name\":\"x\",\"NamespaceId\":\"NSID\",\"DnsConfig\":{"
		"\"DnsRecords\":["
		"{\"Type\":\"A\",\"TTL\":61}]}}",
		"400 {\"__type\":\"ServiceAlreadyExists\",\"Message\":\"Service "
		"already exists.\","
		"\"CreatorRequestId\":\"s-1\",\"ServiceId\":\"SRVID\",\"ServiceArn\":"
		"\"arn:aws:servicediscovery:us-west-2:123456789012:service/SRVID\"}"},
	{"CreateService",
		"{\"Name\":\"y\",\"NamespaceId\":\"NSID\",\"HealthCheckConfig\":{"
		"\"Type\":\"TCP\"},"
		"\"HealthCheckCustomConfig\":{}}",
		INVALID("Specify either HealthCheckConfig or HealthCheckCustomConfig, "
			"but not both.")},
	{"GetService", "{\"Id\":\"srv-aaaa\"}", NO_SERVICE("srv-aaaa")},
	{"DeleteService", "{\"Id\":\"srv-aaaa\"}", NO_SERVICE("srv-aaaa")},
	{"DeleteService", "{\"Id\":\"SRVID\"}",
		FAULT("ResourceInUse",
			"Service contains registered instances; delete the instances "
			"before deleting the service")},
	/* instances */
	{"RegisterInstance",
		"{\"ServiceId\":\"srv-aaaa\",\"InstanceId\":\"i\",\"Attributes\":{}}",
		NO_SERVICE("srv-aaaa")},
	{"RegisterInstance",
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i\",\"Attributes\":"
		"{\"AWS_INSTANCE_IPV4\":\"10.0.0.256\"}}",
		INVALID("AWS_INSTANCE_IPV4 must be an IPv4 address such as 10.0.0.1, "
			"not "
			"'10.0.0.256'.")},
	{"DeregisterInstance", "{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-9\"}",
		FAULT("InstanceNotFound", "Service 'x' has no instance 'i-9'.")},
	{"DeregisterInstance", "{\"ServiceId\":\"srv-aaaa\",\"InstanceId\":\"i-1\"}",
		NO_SERVICE("srv-aaaa")},
	{"GetInstance", "{\"ServiceId\":\"SRVID\",\"InstanceId\":\"I-1\"}",
		FAULT("InstanceNotFound", "Service 'x' has no instance 'I-1'.")},
	{"GetInstance", "{\"ServiceId\":\"srv-aaaa\",\"InstanceId\":\"i-1\"}",
		NO_SERVICE("srv-aaaa")},
	{"ListInstances", "{\"ServiceId\":\"srv-aaaa\"}", NO_SERVICE("srv-aaaa")},
	{"ListInstances", "{\"ServiceId\":\"SRVID\",\"NextToken\":\"srv-aaaa/i-1\"}",
		INVALID("NextToken is not one that this listing has given.")},
	{"DiscoverInstances", "{\"NamespaceName\":\"test\",\"ServiceName\":\"x\"}",
		FAULT("NamespaceNotFound", "Namespace not found")},
	{"DiscoverInstances",
		"{\"NamespaceName\":\"prod\",\"ServiceName\":\"x\",\"OwnerAccount\":"
		"\"999999999999\"}",
		FAULT("NamespaceNotFound", "Namespace not found")},
	{"DiscoverInstances", "{\"NamespaceName\":\"prod\",\"ServiceName\":\"y\"}",
		FAULT("ServiceNotFound", "Service not found")},
	/* operations, and ours */
	{"GetOperation", "{\"OperationId\":\"none\"}",
		FAULT("OperationNotFound", "Operation not found")},
	{"Cmap_v1.ListInstances", "{\"ServiceId\":\"srv-aaaa\"}",
		NO_SERVICE("srv-aaaa")},
	{"Cmap_v1.FindService", "{\"Name\":\".\"}",
		FAULT("NamespaceNotFound", "no namespace holds '.'")},
};

Test(errors, are_cloud_maps_and_change_nothing)
{
	struct fixture f;
	uint64_t revision, commits;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_register(&f, "i-1", "10.0.0.1", NULL);
	revision = registry_model(f.registry)->revision;
	commits = store_mem_commits(f.store);
	for (size_t i = 0; i < CMAP_COUNT(table); i++)
		cr_expect_str_eq(fixture_call(&f, table[i][0], table[i][1]),
			table[i][2], "%s %s", table[i][0], table[i][1]);
	cr_assert_eq(registry_model(f.registry)->revision, revision);
	cr_assert_eq(store_mem_commits(f.store), commits);
	fixture_free(&f);
}

Test(errors, dns_config_does_not_go_with_an_http_namespace)
{
	static const char text[] = INVALID("When you specify an HTTP service, you "
					   "can't include a DnsConfig element.");
	struct fixture f;

	fixture_init(&f);
	fixture_call(&f, "CreateHttpNamespace", "{\"Name\":\"web\"}");
	fixture_call(&f, "ListNamespaces", "{}");
	cr_expect_str_eq(fixture_call(&f, "CreateService",
				 "{\"Name\":\"x\",\"NamespaceId\":\"NSID\","
				 "\"DnsConfig\":"
				 "{\"DnsRecords\":[{\"Type\":\"A\",\"TTL\":60}]}}"),
		text);
	cr_expect_str_eq(fixture_call(&f, "CreateService",
				 "{\"Name\":\"x\",\"NamespaceId\":\"NSID\","
				 "\"DnsConfig\":"
				 "{\"DnsRecords\":[]}}"),
		text);
	fixture_free(&f);
}

Test(errors, operations_of_another_account_are_not_there)
{
	struct buf body = {0};
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	buf_printf(&body, "{\"OperationId\":\"%s\",\"OwnerAccount\":\"999999999999\"}",
		registry_model(f.registry)->ring[0]->id);
	cr_assert_str_eq(fixture_call(&f, "GetOperation", body.data),
		FAULT("OperationNotFound", "Operation not found"));
	buf_free(&body);
	fixture_free(&f);
}

Test(errors, a_store_that_refuses_is_unavailable)
{
	struct fixture f;
	const char *answer;

	fixture_init(&f);
	fixture_fill(&f);
	store_mem_set_fault(f.store, STORE_MEM_REFUSES);
	fixture_expect(&f, "RegisterInstance",
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i\",\"Attributes\":"
		"{\"AWS_INSTANCE_IPV4\":\"10.0.0.1\"}}",
		"503 {\"__type\":\"ServiceUnavailable\",\"Message\":\"The change could "
		"not be "
		"stored (the store in memory was told to refuse); it is not in "
		"effect.\"}");
	answer = fixture_call(&f, "Cmap_v1.Status", "{}");
	cr_expect_not_null(strstr(answer, "\"Store\":{\"State\":\"failing\","), "%s",
		answer);
	store_mem_set_fault(f.store, STORE_MEM_WORKS);
	fixture_register(&f, "i", "10.0.0.1", NULL);
	fixture_free(&f);
}

/* Limits of an instance's attributes as a client meets them: one below, exactly, one above. */
Test(errors, attributes_are_limited_in_number_and_size)
{
	struct fixture f;
	struct buf body = {0};
	const char *answer;

	fixture_init(&f);
	fixture_fill(&f);
	for (int n = 29; n <= 31; n++) {
		buf_add_text(&body,
			"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i\",\"Attributes\":"
			"{\"AWS_INSTANCE_IPV4\":\"10.0.0.1\"");
		for (int i = 0; i < n; i++)
			buf_printf(&body, ",\"k%02d\":\"\"", i);
		buf_add_text(&body, "}}");
		answer = fixture_call(&f, "RegisterInstance", body.data);
		cr_expect_str_eq(answer,
			n <= 30 ? "200 {\"OperationId\":\"op-*\"}"
				: INVALID("An instance can have at most 30 custom "
					  "attributes, not 31."));
		buf_free(&body);
	}
	/* 25 octets of the address, and five attributes that fill up to 5,000. */
	for (int total = 4999; total <= 5001; total++) {
		buf_add_text(&body,
			"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i\",\"Attributes\":"
			"{\"AWS_INSTANCE_IPV4\":\"10.0.0.1\"");
		for (int i = 0; i < 5; i++)
			buf_printf(&body, ",\"k%d\":\"%0*d\"", i,
				i < 4 ? 1000 : total - 25 - 4010, 0);
		buf_add_text(&body, "}}");
		answer = fixture_call(&f, "RegisterInstance", body.data);
		cr_expect_str_eq(answer,
			total <= 5000 ? "200 {\"OperationId\":\"op-*\"}"
				      : INVALID("The keys and values of all attributes "
						"can have at most "
						"5000 bytes together, not 5001."));
		buf_free(&body);
	}
	fixture_free(&f);
}
