/* SPDX-License-Identifier: MIT */
/* The limits of each member of each operation's input: one below, exactly, one above. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/operations.h"
#include "test.h"

#define CM "Route53AutoNaming_v20170314."

/* An input with one place left open, where "%" stands. */
struct limit {
	const char *operation, *input;
	const char *path;
	long max; /* or the least, see below */
	const char *filler;
};

/* Strings: filler again and again, to a length of max - 1, max and max + 1 characters. */
static const struct limit strings[] = {
	{CM "CreatePrivateDnsNamespace", "{\"Name\":\"%\",\"Vpc\":\"v\"}", "name", 253,
		"a"},
	{CM "CreatePrivateDnsNamespace", "{\"Name\":\"a\",\"Vpc\":\"%\"}", "vpc", 64,
		"a"},
	{CM "CreatePrivateDnsNamespace",
		"{\"Name\":\"a\",\"Vpc\":\"v\",\"Description\":\"%\"}", "description",
		1024, "\xC3\xBC"},
	{CM "CreatePrivateDnsNamespace",
		"{\"Name\":\"a\",\"Vpc\":\"v\",\"CreatorRequestId\":\"%\"}",
		"creatorRequestId", 64, "a"},
	{CM "CreatePrivateDnsNamespace",
		"{\"Name\":\"a\",\"Vpc\":\"v\",\"Tags\":[{\"Key\":\"%\",\"Value\":\"\"}"
		"]}",
		"tags.1.member.key", 128, "a"},
	{CM "CreatePrivateDnsNamespace",
		"{\"Name\":\"a\",\"Vpc\":\"v\",\"Tags\":[{\"Key\":\"k\",\"Value\":\"%"
		"\"}]}",
		"tags.1.member.value", 256, "a"},
	{CM "CreatePublicDnsNamespace", "{\"Name\":\"a.b\",\"Description\":\"%\"}",
		"description", 1024, "a"},
	{CM "CreatePublicDnsNamespace", "{\"Name\":\"a.b\",\"CreatorRequestId\":\"%\"}",
		"creatorRequestId", 64, "a"},
	{CM "CreateHttpNamespace", "{\"Name\":\"%\"}", "name", 1024, "a"},
	{CM "CreateHttpNamespace", "{\"Name\":\"a\",\"Description\":\"%\"}",
		"description", 1024, "a"},
	{CM "CreateHttpNamespace", "{\"Name\":\"a\",\"CreatorRequestId\":\"%\"}",
		"creatorRequestId", 64, "a"},
	{CM "CreateService", "{\"Name\":\"a\",\"NamespaceId\":\"%\"}", "namespaceId",
		255, "a"},
	{CM "CreateService", "{\"Name\":\"a\",\"CreatorRequestId\":\"%\"}",
		"creatorRequestId", 64, "a"},
	{CM "CreateService", "{\"Name\":\"a\",\"Description\":\"%\"}", "description",
		1024, "a"},
	{CM "CreateService",
		"{\"Name\":\"a\",\"DnsConfig\":{\"NamespaceId\":\"%\",\"DnsRecords\":[]"
		"}}",
		"dnsConfig.namespaceId", 64, "a"},
	{CM "CreateService",
		"{\"Name\":\"a\",\"HealthCheckConfig\":{\"Type\":\"HTTP\","
		"\"ResourcePath\":\"%\"}}",
		"healthCheckConfig.resourcePath", 255, "a"},
	{CM "CreateService",
		"{\"Name\":\"a\",\"Tags\":[{\"Key\":\"%\",\"Value\":\"\"}]}",
		"tags.1.member.key", 128, "a"},
	{CM "GetNamespace", "{\"Id\":\"%\"}", "id", 255, "a"},
	{CM "DeleteNamespace", "{\"Id\":\"%\"}", "id", 255, "a"},
	{CM "GetService", "{\"Id\":\"%\"}", "id", 255, "a"},
	{CM "DeleteService", "{\"Id\":\"%\"}", "id", 255, "a"},
	{CM "ListNamespaces", "{\"NextToken\":\"%\"}", "nextToken", 4096, "a"},
	{CM "ListNamespaces", "{\"Filters\":[{\"Name\":\"NAME\",\"Values\":[\"%\"]}]}",
		"filters.1.member.values.1.member", 255, "a"},
	{CM "ListServices", "{\"NextToken\":\"%\"}", "nextToken", 4096, "a"},
	{CM "ListServices",
		"{\"Filters\":[{\"Name\":\"NAMESPACE_ID\",\"Values\":[\"%\"]}]}",
		"filters.1.member.values.1.member", 255, "a"},
	{CM "RegisterInstance",
		"{\"ServiceId\":\"%\",\"InstanceId\":\"i\",\"Attributes\":{}}",
		"serviceId", 255, "a"},
	{CM "RegisterInstance",
		"{\"ServiceId\":\"s\",\"InstanceId\":\"%\",\"Attributes\":{}}",
		"instanceId", 64, "a"},
	{CM "RegisterInstance",
		"{\"ServiceId\":\"s\",\"InstanceId\":\"i\",\"Attributes\":{},"
		"\"CreatorRequestId\":\"%\"}",
		"creatorRequestId", 64, "a"},
	{CM "RegisterInstance",
		"{\"ServiceId\":\"s\",\"InstanceId\":\"i\",\"Attributes\":{\"k\":\"%\"}"
		"}",
		"attributes.k.member", 1024, "a"},
	{CM "DeregisterInstance", "{\"ServiceId\":\"%\",\"InstanceId\":\"i\"}",
		"serviceId", 255, "a"},
	{CM "DeregisterInstance", "{\"ServiceId\":\"s\",\"InstanceId\":\"%\"}",
		"instanceId", 64, "a"},
	{CM "GetInstance", "{\"ServiceId\":\"%\",\"InstanceId\":\"i\"}", "serviceId",
		255, "a"},
	{CM "GetInstance", "{\"ServiceId\":\"s\",\"InstanceId\":\"%\"}", "instanceId",
		64, "a"},
	{CM "ListInstances", "{\"ServiceId\":\"%\"}", "serviceId", 255, "a"},
	{CM "ListInstances", "{\"ServiceId\":\"s\",\"NextToken\":\"%\"}", "nextToken",
		4096, "a"},
	{CM "DiscoverInstances", "{\"NamespaceName\":\"%\",\"ServiceName\":\"s\"}",
		"namespaceName", 1024, "a"},
	{CM "DiscoverInstances",
		"{\"NamespaceName\":\"n\",\"ServiceName\":\"s\",\"OwnerAccount\":\"%"
		"\"}",
		"ownerAccount", 12, "1"},
	{CM "DiscoverInstances",
		"{\"NamespaceName\":\"n\",\"ServiceName\":\"s\",\"QueryParameters\":{"
		"\"k\":\"%\"}}",
		"queryParameters.k.member", 1024, "a"},
	{CM "DiscoverInstances",
		"{\"NamespaceName\":\"n\",\"ServiceName\":\"s\",\"OptionalParameters\":"
		"{\"k\":\"%\"}}",
		"optionalParameters.k.member", 1024, "a"},
	{CM "DiscoverInstancesRevision",
		"{\"NamespaceName\":\"%\",\"ServiceName\":\"s\"}", "namespaceName",
		1024, "a"},
	{CM "DiscoverInstancesRevision",
		"{\"NamespaceName\":\"n\",\"ServiceName\":\"s\",\"OwnerAccount\":\"%"
		"\"}",
		"ownerAccount", 12, "1"},
	{CM "GetOperation", "{\"OperationId\":\"%\"}", "operationId", 255, "a"},
	{CM "ListOperations", "{\"NextToken\":\"%\"}", "nextToken", 4096, "a"},
	{CM "ListOperations", "{\"Filters\":[{\"Name\":\"TYPE\",\"Values\":[\"%\"]}]}",
		"filters.1.member.values.1.member", 255, "a"},
	{CM "UpdatePrivateDnsNamespace", "{\"Id\":\"%\",\"Namespace\":{}}", "id", 255,
		"a"},
	{CM "UpdatePrivateDnsNamespace",
		"{\"Id\":\"i\",\"UpdaterRequestId\":\"%\",\"Namespace\":{}}",
		"updaterRequestId", 64, "a"},
	{CM "UpdatePrivateDnsNamespace",
		"{\"Id\":\"i\",\"Namespace\":{\"Description\":\"%\"}}",
		"namespace.description", 1024, "a"},
	{CM "UpdatePublicDnsNamespace", "{\"Id\":\"%\",\"Namespace\":{}}", "id", 255,
		"a"},
	{CM "UpdatePublicDnsNamespace",
		"{\"Id\":\"i\",\"UpdaterRequestId\":\"%\",\"Namespace\":{}}",
		"updaterRequestId", 64, "a"},
	{CM "UpdatePublicDnsNamespace",
		"{\"Id\":\"i\",\"Namespace\":{\"Description\":\"%\"}}",
		"namespace.description", 1024, "a"},
	{CM "UpdateHttpNamespace",
		"{\"Id\":\"%\",\"Namespace\":{\"Description\":\"\"}}", "id", 255, "a"},
	{CM "UpdateHttpNamespace",
		"{\"Id\":\"i\",\"UpdaterRequestId\":\"%\",\"Namespace\":{"
		"\"Description\":\"\"}}",
		"updaterRequestId", 64, "a"},
	{CM "UpdateHttpNamespace",
		"{\"Id\":\"i\",\"Namespace\":{\"Description\":\"%\"}}",
		"namespace.description", 1024, "a"},
	{CM "UpdateService", "{\"Id\":\"%\",\"Service\":{}}", "id", 255, "a"},
	{CM "UpdateService", "{\"Id\":\"i\",\"Service\":{\"Description\":\"%\"}}",
		"service.description", 1024, "a"},
	{CM "UpdateService",
		"{\"Id\":\"i\",\"Service\":{\"HealthCheckConfig\":{\"Type\":\"HTTP\","
		"\"ResourcePath\":\"%\"}}}",
		"service.healthCheckConfig.resourcePath", 255, "a"},
	{CM "TagResource", "{\"ResourceARN\":\"%\",\"Tags\":[]}", "resourceARN", 1011,
		"a"},
	{CM "TagResource",
		"{\"ResourceARN\":\"r\",\"Tags\":[{\"Key\":\"%\",\"Value\":\"\"}]}",
		"tags.1.member.key", 128, "\xC3\xBC"},
	{CM "TagResource",
		"{\"ResourceARN\":\"r\",\"Tags\":[{\"Key\":\"k\",\"Value\":\"%\"}]}",
		"tags.1.member.value", 256, "a"},
	{CM "UntagResource", "{\"ResourceARN\":\"%\",\"TagKeys\":[]}", "resourceARN",
		1011, "a"},
	{CM "UntagResource", "{\"ResourceARN\":\"r\",\"TagKeys\":[\"%\"]}",
		"tagKeys.1.member", 128, "a"},
	{CM "ListTagsForResource", "{\"ResourceARN\":\"%\"}", "resourceARN", 1011, "a"},
	{CM "GetServiceAttributes", "{\"ServiceId\":\"%\"}", "serviceId", 255, "a"},
	{CM "UpdateServiceAttributes",
		"{\"ServiceId\":\"%\",\"Attributes\":{\"k\":\"v\"}}", "serviceId", 255,
		"a"},
	{CM "UpdateServiceAttributes",
		"{\"ServiceId\":\"s\",\"Attributes\":{\"k\":\"%\"}}",
		"attributes.k.member", 1024, "\xC3\xBC"},
	{CM "DeleteServiceAttributes", "{\"ServiceId\":\"%\",\"Attributes\":[\"k\"]}",
		"serviceId", 255, "a"},
	{CM "DeleteServiceAttributes", "{\"ServiceId\":\"s\",\"Attributes\":[\"%\"]}",
		"attributes.1.member", 255, "a"},
	{"Cmap_v1.ExportZone", "{\"NamespaceId\":\"%\"}", "namespaceId", 255, "a"},
	{"Cmap_v1.ExportZone", "{\"NamespaceId\":\"a\",\"NextToken\":\"%\"}",
		"nextToken", 4096, "a"},
	{"Cmap_v1.FindService", "{\"Name\":\"%\"}", "name", 1152, "a"},
	{"Cmap_v1.ListInstances", "{\"ServiceId\":\"%\"}", "serviceId", 255, "a"},
	{"Cmap_v1.RenewLeases",
		"{\"Leases\":[{\"ServiceId\":\"%\",\"InstanceId\":\"i\"}]}",
		"leases.1.member.serviceId", 255, "a"},
	{"Cmap_v1.RenewLeases",
		"{\"Leases\":[{\"ServiceName\":\"%\",\"InstanceId\":\"i\"}]}",
		"leases.1.member.serviceName", 1152, "a"},
	{"Cmap_v1.RenewLeases",
		"{\"Leases\":[{\"ServiceId\":\"s\",\"InstanceId\":\"%\"}]}",
		"leases.1.member.instanceId", 64, "a"},
	{"Cmap_v1.RenewLeases", "{\"ServiceId\":\"%\",\"InstanceIds\":[\"i\"]}",
		"serviceId", 255, "a"},
	{"Cmap_v1.RenewLeases", "{\"ServiceName\":\"%\",\"InstanceIds\":[\"i\"]}",
		"serviceName", 1152, "a"},
	{"Cmap_v1.RenewLeases", "{\"ServiceId\":\"s\",\"InstanceIds\":[\"%\"]}",
		"instanceIds.1.member", 64, "a"},
};

/* Lists: filler again and again with commas between. */
static const struct limit lists[] = {
	{CM "CreateHttpNamespace", "{\"Name\":\"a\",\"Tags\":[%]}", "tags", 200,
		"{\"Key\":\"k\",\"Value\":\"v\"}"},
	{CM "CreatePrivateDnsNamespace", "{\"Name\":\"a\",\"Vpc\":\"v\",\"Tags\":[%]}",
		"tags", 200, "{\"Key\":\"k\",\"Value\":\"v\"}"},
	{CM "CreatePublicDnsNamespace", "{\"Name\":\"a.b\",\"Tags\":[%]}", "tags", 200,
		"{\"Key\":\"k\",\"Value\":\"v\"}"},
	{CM "CreateService", "{\"Name\":\"a\",\"Tags\":[%]}", "tags", 200,
		"{\"Key\":\"k\",\"Value\":\"v\"}"},
	{CM "ListNamespaces", "{\"Filters\":[%]}", "filters", 16,
		"{\"Name\":\"NAME\",\"Values\":[\"v\"]}"},
	{CM "ListServices", "{\"Filters\":[%]}", "filters", 16,
		"{\"Name\":\"NAMESPACE_ID\",\"Values\":[\"v\"]}"},
	{CM "ListOperations", "{\"Filters\":[%]}", "filters", 16,
		"{\"Name\":\"TYPE\",\"Values\":[\"v\"]}"},
	{CM "TagResource", "{\"ResourceARN\":\"r\",\"Tags\":[%]}", "tags", 200,
		"{\"Key\":\"k\",\"Value\":\"v\"}"},
	{CM "UntagResource", "{\"ResourceARN\":\"r\",\"TagKeys\":[%]}", "tagKeys", 200,
		"\"k\""},
	{CM "DeleteServiceAttributes", "{\"ServiceId\":\"s\",\"Attributes\":[%]}",
		"attributes", 30, "\"k\""},
	{"Cmap_v1.RenewLeases", "{\"ServiceId\":\"s\",\"InstanceIds\":[%]}",
		"instanceIds", 1000, "\"i\""},
	{"Cmap_v1.RenewLeases", "{\"Leases\":[%]}", "leases", 1000,
		"{\"ServiceId\":\"s\",\"InstanceId\":\"i\"}"},
};

/* Numbers, from filler up to max. */
static const struct limit numbers[] = {
	{CM "CreatePrivateDnsNamespace",
		"{\"Name\":\"a\",\"Vpc\":\"v\",\"Properties\":{\"DnsProperties\":{"
		"\"SOA\":{\"TTL\":%}}}}",
		"properties.dnsProperties.sOA.tTL", 2147483647, "0"},
	{CM "CreatePublicDnsNamespace",
		"{\"Name\":\"a.b\",\"Properties\":{\"DnsProperties\":{\"SOA\":{\"TTL\":"
		"%}}}}",
		"properties.dnsProperties.sOA.tTL", 2147483647, "0"},
	{CM "CreateService",
		"{\"Name\":\"a\",\"DnsConfig\":{\"DnsRecords\":[{\"Type\":\"A\","
		"\"TTL\":%}]}}",
		"dnsConfig.dnsRecords.1.member.tTL", 2147483647, "0"},
	{CM "CreateService",
		"{\"Name\":\"a\",\"HealthCheckConfig\":{\"Type\":\"TCP\","
		"\"FailureThreshold\":%}}",
		"healthCheckConfig.failureThreshold", 10, "1"},
	{CM "CreateService",
		"{\"Name\":\"a\",\"HealthCheckCustomConfig\":{\"FailureThreshold\":%}}",
		"healthCheckCustomConfig.failureThreshold", 10, "1"},
	{CM "ListNamespaces", "{\"MaxResults\":%}", "maxResults", 100, "1"},
	{CM "ListServices", "{\"MaxResults\":%}", "maxResults", 100, "1"},
	{CM "UpdatePrivateDnsNamespace",
		"{\"Id\":\"i\",\"Namespace\":{\"Properties\":{\"DnsProperties\":{"
		"\"SOA\":{\"TTL\":%}}}}}",
		"namespace.properties.dnsProperties.sOA.tTL", 2147483647, "0"},
	{CM "UpdatePublicDnsNamespace",
		"{\"Id\":\"i\",\"Namespace\":{\"Properties\":{\"DnsProperties\":{"
		"\"SOA\":{\"TTL\":%}}}}}",
		"namespace.properties.dnsProperties.sOA.tTL", 2147483647, "0"},
	{CM "UpdateService",
		"{\"Id\":\"i\",\"Service\":{\"DnsConfig\":{\"DnsRecords\":[{\"Type\":"
		"\"A\",\"TTL\":%}]}}}",
		"service.dnsConfig.dnsRecords.1.member.tTL", 2147483647, "0"},
	{CM "UpdateService",
		"{\"Id\":\"i\",\"Service\":{\"HealthCheckConfig\":{\"Type\":\"TCP\","
		"\"FailureThreshold\":%}}}",
		"service.healthCheckConfig.failureThreshold", 10, "1"},
	{CM "ListOperations", "{\"MaxResults\":%}", "maxResults", 100, "1"},
	{CM "ListInstances", "{\"ServiceId\":\"s\",\"MaxResults\":%}", "maxResults",
		100, "1"},
	{"Cmap_v1.ListInstances", "{\"ServiceId\":\"s\",\"MaxResults\":%}",
		"maxResults", 100, "1"},
	{CM "DiscoverInstances",
		"{\"NamespaceName\":\"n\",\"ServiceName\":\"s\",\"MaxResults\":%}",
		"maxResults", 1000, "1"},
};

/* What shape_check() says of input with value in its open place; "" if it has nothing to say. */
static char *verdict(const struct limit *l, const char *value)
{
	const struct api_operation *op = operation_find(l->operation);
	const char *open = strchr(l->input, '%');
	struct buf text = {0};
	struct fault f = {0};
	json_t *in;

	cr_assert_not_null(op, "%s", l->operation);
	buf_add(&text, l->input, (size_t)(open - l->input));
	buf_add_text(&text, value);
	buf_add_text(&text, open + 1);
	in = json_loads(buf_text(&text), 0, NULL);
	cr_assert_not_null(in, "%s", text.data);
	shape_check(op->input, in, &f);
	json_decref(in);
	buf_free(&text);
	buf_add_text(&text, f.message ? f.message : "");
	fault_free(&f);
	return buf_take(&text);
}

/* Among all that is told; a name that is too long does not match its pattern either. */
static void expect(const struct limit *l, const char *value, const char *constraint)
{
	char *told = verdict(l, value);
	struct buf wanted = {0};
	const char *at;

	if (constraint) {
		buf_printf(&wanted, "' at '%s' failed to satisfy constraint: %s",
			l->path, constraint);
		at = strstr(told, wanted.data);
		cr_expect(at && strchr(";", at[wanted.len]), "%s: '%s', not '%s'",
			l->operation, told, wanted.data);
	} else {
		cr_expect_str_eq(told, "", "%s %s", l->operation, l->path);
	}
	buf_free(&wanted);
	free(told);
}

static char *repeat(const char *filler, const char *between, long n)
{
	struct buf b = {0};

	for (long i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i > 0 ? between : "", filler);
	return buf_take(&b);
}

static void expect_lengths(const struct limit *l, const char *between)
{
	struct buf constraint = {0};

	buf_printf(&constraint, "Member must have length less than or equal to %ld",
		l->max);
	for (long n = l->max - 1; n <= l->max + 1; n++) {
		char *value = repeat(l->filler, between, n);
		bool exact =
			strcmp(l->path, "ownerAccount") == 0; /* has one length only */

		if (n <= l->max && !(exact && n < l->max))
			expect(l, value, NULL);
		else if (n > l->max)
			expect(l, value, constraint.data);
		else
			expect(l, value,
				"Member must have length greater than or equal to 12");
		free(value);
	}
	buf_free(&constraint);
}

Test(limits, strings_have_the_models_lengths)
{
	for (size_t i = 0; i < CMAP_COUNT(strings); i++)
		expect_lengths(&strings[i], "");
}

Test(limits, lists_have_the_models_lengths)
{
	for (size_t i = 0; i < CMAP_COUNT(lists); i++)
		expect_lengths(&lists[i], ",");
}

Test(limits, numbers_have_the_models_ranges)
{
	for (size_t i = 0; i < CMAP_COUNT(numbers); i++) {
		const struct limit *l = &numbers[i];
		long min = strtol(l->filler, NULL, 10);
		char value[32], constraint[80];

		for (long n = min - 1; n <= min + 1; n++) {
			snprintf(value, sizeof(value), "%ld", n);
			snprintf(constraint, sizeof(constraint),
				"Member must have value greater than or equal to %ld",
				min);
			expect(l, value, n < min ? constraint : NULL);
		}
		for (long n = l->max - 1; n <= l->max + 1; n++) {
			snprintf(value, sizeof(value), "%ld", n);
			snprintf(constraint, sizeof(constraint),
				"Member must have value less than or equal to %ld",
				l->max);
			expect(l, value, n > l->max ? constraint : NULL);
		}
	}
}

/* What must not be empty, and what must be there. */
Test(limits, least_lengths_and_required_members_are_asked_for)
{
	static const struct {
		const char *operation, *input, *told;
	} table[] = {
		{CM "CreateHttpNamespace",
			"{\"Name\":\"a\",\"Tags\":[{\"Key\":\"\",\"Value\":\"\"}]}",
			"Value '' at 'tags.1.member.key' failed to satisfy constraint: "
			"Member must have "
			"length greater than or equal to 1"},
		{CM "CreateHttpNamespace",
			"{\"Name\":\"a\",\"Tags\":[{\"Key\":\"k\"}]}",
			"Value null at 'tags.1.member.value' failed to satisfy "
			"constraint: Member must "
			"not be null"},
		{CM "CreateHttpNamespace",
			"{\"Name\":\"a\",\"Tags\":[{\"Key\":\"k\",\"Value\":null}]}",
			"Value null at 'tags.1.member.value' failed to satisfy "
			"constraint: Member must "
			"not be null"},
		{CM "CreateHttpNamespace", "{}",
			"Value null at 'name' failed to satisfy constraint: Member "
			"must not be null"},
		{CM "CreatePrivateDnsNamespace", "{\"Name\":\"a\"}",
			"Value null at 'vpc' failed to satisfy constraint: Member must "
			"not be null"},
		{CM "CreatePrivateDnsNamespace",
			"{\"Name\":\"a\",\"Vpc\":\"v\",\"Properties\":{}}",
			"Value null at 'properties.dnsProperties' failed to satisfy "
			"constraint: Member "
			"must not be null"},
		{CM "CreatePrivateDnsNamespace",
			"{\"Name\":\"a\",\"Vpc\":\"v\",\"Properties\":{"
			"\"DnsProperties\":{\"SOA\":{}}}}",
			"Value null at 'properties.dnsProperties.sOA.tTL' failed to "
			"satisfy constraint: "
			"Member must not be null"},
		{CM "CreateService", "{\"Name\":\"a\",\"DnsConfig\":{}}",
			"Value null at 'dnsConfig.dnsRecords' failed to satisfy "
			"constraint: Member must "
			"not be null"},
		{CM "CreateService",
			"{\"Name\":\"a\",\"DnsConfig\":{\"DnsRecords\":[{\"Type\":"
			"\"A\"}]}}",
			"Value null at 'dnsConfig.dnsRecords.1.member.tTL' failed to "
			"satisfy constraint: "
			"Member must not be null"},
		{CM "CreateService", "{\"Name\":\"a\",\"HealthCheckConfig\":{}}",
			"Value null at 'healthCheckConfig.type' failed to satisfy "
			"constraint: Member "
			"must not be null"},
		{CM "RegisterInstance", "{\"ServiceId\":\"s\",\"InstanceId\":\"i\"}",
			"Value null at 'attributes' failed to satisfy constraint: "
			"Member must not be "
			"null"},
		{CM "ListNamespaces",
			"{\"Filters\":[{\"Name\":\"NAME\",\"Values\":[\"\"]}]}",
			"Value '' at 'filters.1.member.values.1.member' failed to "
			"satisfy constraint: "
			"Member must have length greater than or equal to 1"},
		{CM "ListNamespaces", "{\"Filters\":[{\"Name\":\"NAME\"}]}",
			"Value null at 'filters.1.member.values' failed to satisfy "
			"constraint: Member "
			"must not be null"},
		{CM "DiscoverInstances", "{\"NamespaceName\":\"n\"}",
			"Value null at 'serviceName' failed to satisfy constraint: "
			"Member must not be "
			"null"},
		{CM "DiscoverInstancesRevision", "{\"ServiceName\":\"s\"}",
			"Value null at 'namespaceName' failed to satisfy constraint: "
			"Member must not be null"},
		{CM "ListOperations", "{\"Filters\":[{\"Name\":\"TYPE\"}]}",
			"Value null at 'filters.1.member.values' failed to satisfy "
			"constraint: Member must not be null"},
		{CM "UpdatePrivateDnsNamespace", "{\"Namespace\":{}}",
			"Value null at 'id' failed to satisfy constraint: Member must "
			"not be null"},
		{CM "UpdatePrivateDnsNamespace", "{\"Id\":\"i\"}",
			"Value null at 'namespace' failed to satisfy constraint: "
			"Member must not be null"},
		{CM "UpdatePrivateDnsNamespace",
			"{\"Id\":\"i\",\"Namespace\":{\"Properties\":{}}}",
			"Value null at 'namespace.properties.dnsProperties' failed to "
			"satisfy constraint: Member must not be null"},
		{CM "UpdatePrivateDnsNamespace",
			"{\"Id\":\"i\",\"Namespace\":{\"Properties\":{"
			"\"DnsProperties\":{}}}}",
			"Value null at 'namespace.properties.dnsProperties.sOA' failed "
			"to satisfy constraint: Member must not be null"},
		{CM "UpdatePrivateDnsNamespace",
			"{\"Id\":\"i\",\"Namespace\":{\"Properties\":{"
			"\"DnsProperties\":{\"SOA\":{}}}}}",
			"Value null at 'namespace.properties.dnsProperties.sOA.tTL' "
			"failed to satisfy constraint: Member must not be null"},
		{CM "UpdatePublicDnsNamespace", "{\"Namespace\":{}}",
			"Value null at 'id' failed to satisfy constraint: Member must "
			"not be null"},
		{CM "UpdatePublicDnsNamespace", "{\"Id\":\"i\"}",
			"Value null at 'namespace' failed to satisfy constraint: "
			"Member must not be null"},
		{CM "UpdatePublicDnsNamespace",
			"{\"Id\":\"i\",\"Namespace\":{\"Properties\":{}}}",
			"Value null at 'namespace.properties.dnsProperties' failed to "
			"satisfy constraint: Member must not be null"},
		{CM "UpdatePublicDnsNamespace",
			"{\"Id\":\"i\",\"Namespace\":{\"Properties\":{"
			"\"DnsProperties\":{}}}}",
			"Value null at 'namespace.properties.dnsProperties.sOA' failed "
			"to satisfy constraint: Member must not be null"},
		{CM "UpdatePublicDnsNamespace",
			"{\"Id\":\"i\",\"Namespace\":{\"Properties\":{"
			"\"DnsProperties\":{\"SOA\":{}}}}}",
			"Value null at 'namespace.properties.dnsProperties.sOA.tTL' "
			"failed to satisfy constraint: Member must not be null"},
		{CM "UpdateHttpNamespace", "{\"Id\":\"i\",\"Namespace\":{}}",
			"Value null at 'namespace.description' failed to satisfy "
			"constraint: Member must not be null"},
		{CM "UpdateService", "{\"Id\":\"i\"}",
			"Value null at 'service' failed to satisfy constraint: Member "
			"must not be null"},
		{CM "UpdateService", "{\"Service\":{}}",
			"Value null at 'id' failed to satisfy constraint: Member must "
			"not be null"},
		{CM "UpdateService", "{\"Id\":\"i\",\"Service\":{\"DnsConfig\":{}}}",
			"Value null at 'service.dnsConfig.dnsRecords' failed to "
			"satisfy constraint: Member must not be null"},
		{CM "UpdateService",
			"{\"Id\":\"i\",\"Service\":{\"HealthCheckConfig\":{}}}",
			"Value null at 'service.healthCheckConfig.type' failed to "
			"satisfy constraint: Member must not be null"},
		{CM "TagResource", "{\"ResourceARN\":\"r\"}",
			"Value null at 'tags' failed to satisfy constraint: Member "
			"must not be null"},
		{CM "TagResource", "{\"Tags\":[]}",
			"Value null at 'resourceARN' failed to satisfy constraint: "
			"Member must not be null"},
		{CM "TagResource", "{\"ResourceARN\":\"\",\"Tags\":[]}",
			"Value '' at 'resourceARN' failed to satisfy constraint: "
			"Member must have length greater than or equal to 1"},
		{CM "TagResource", "{\"ResourceARN\":\"r\",\"Tags\":[null]}",
			"Value null at 'tags.1.member' failed to satisfy constraint: "
			"Member must not be null"},
		{CM "TagResource",
			"{\"ResourceARN\":\"r\",\"Tags\":[{\"Key\":\"k\",\"Value\":"
			"null}]}",
			"Value null at 'tags.1.member.value' failed to satisfy "
			"constraint: Member must not be null"},
		{CM "UntagResource", "{\"ResourceARN\":\"r\"}",
			"Value null at 'tagKeys' failed to satisfy constraint: Member "
			"must not be null"},
		{CM "UntagResource", "{\"ResourceARN\":\"r\",\"TagKeys\":[\"\"]}",
			"Value '' at 'tagKeys.1.member' failed to satisfy constraint: "
			"Member must have length greater than or equal to 1"},
		{CM "ListTagsForResource", "{}",
			"Value null at 'resourceARN' failed to satisfy constraint: "
			"Member must not be null"},
		{CM "ListTagsForResource", "{\"ResourceARN\":\"\"}",
			"Value '' at 'resourceARN' failed to satisfy constraint: "
			"Member must have length greater than or equal to 1"},
		{CM "GetServiceAttributes", "{}",
			"Value null at 'serviceId' failed to satisfy constraint: "
			"Member must not be null"},
		{CM "UpdateServiceAttributes", "{\"ServiceId\":\"s\"}",
			"Value null at 'attributes' failed to satisfy constraint: "
			"Member must not be null"},
		{CM "UpdateServiceAttributes",
			"{\"ServiceId\":\"s\",\"Attributes\":{}}",
			"Value '{0}' at 'attributes' failed to satisfy constraint: "
			"Member must have length greater than or equal to 1"},
		{CM "UpdateServiceAttributes",
			"{\"ServiceId\":\"s\",\"Attributes\":{\"k\":null}}",
			"Value null at 'attributes.k.member' failed to satisfy "
			"constraint: Member must not be null"},
		{CM "DeleteServiceAttributes", "{\"ServiceId\":\"s\"}",
			"Value null at 'attributes' failed to satisfy constraint: "
			"Member must not be null"},
		{CM "DeleteServiceAttributes",
			"{\"ServiceId\":\"s\",\"Attributes\":[]}",
			"Value '[0]' at 'attributes' failed to satisfy constraint: "
			"Member must have length greater than or equal to 1"},
		{CM "GetOperation", "{}",
			"Value null at 'operationId' failed to satisfy constraint: "
			"Member must not be "
			"null"},
		{"Cmap_v1.RenewLeases", "{\"Leases\":[]}",
			"Value '[0]' at 'leases' failed to satisfy constraint: Member "
			"must have length "
			"greater than or equal to 1"},
		{"Cmap_v1.RenewLeases", "{\"Leases\":[{\"ServiceId\":\"s\"}]}",
			"Value null at 'leases.1.member.instanceId' failed to satisfy "
			"constraint: Member "
			"must not be null"},
		{"Cmap_v1.FindService", "{\"Name\":\"\"}",
			"Value '' at 'name' failed to satisfy constraint: Member must "
			"have length "
			"greater than or equal to 1"},
	};

	for (size_t i = 0; i < CMAP_COUNT(table); i++) {
		json_t *in = json_loads(table[i].input, 0, NULL);
		struct fault f = {0};

		shape_check(operation_find(table[i].operation)->input, in, &f);
		cr_assert_not_null(f.message, "%s", table[i].input);
		cr_expect_str_eq(f.message + strlen("1 validation error detected: "),
			table[i].told, "%s %s", table[i].operation, table[i].input);
		fault_free(&f);
		json_decref(in);
	}
}

/* Patterns and sets of values, by one value that is taken and one that is not. */
Test(limits, patterns_and_enums_are_asked_for)
{
	static const struct {
		struct limit limit;
		const char *good, *bad, *constraint;
	} table[] = {
		{{CM "CreateHttpNamespace", "{\"Name\":\"%\"}", "name", 0, NULL}, "n/a",
			"arn:x",
			"Member must satisfy regular expression pattern: "
			"^(?!arn:)[!-~]{1,1024}$"},
		{{CM "CreatePrivateDnsNamespace", "{\"Name\":\"%\",\"Vpc\":\"v\"}",
			 "name", 0, NULL},
			"prod_1", "a b",
			"Member must satisfy regular expression pattern: "
			"^(?!arn:)[!-~]{1,253}$"},
		{{CM "CreatePublicDnsNamespace", "{\"Name\":\"%\"}", "name", 0, NULL},
			"a.b", "a",
			"Member must satisfy regular expression pattern: "
			"^([a-zA-Z0-9]([a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9])?\\.)+"
			"[a-zA-Z0-9]([a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9])?$"},
		{{CM "CreateService", "{\"Name\":\"%\"}", "name", 0, NULL},
			"_http._tcp", "a..b",
			"Member must satisfy regular expression pattern: "
			"((?=^.{1,127}$)^"
			"([a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9])"
			"(\\.([a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9]))"
			"*$)|(^\\.$)"},
		{{CM "RegisterInstance",
			 "{\"ServiceId\":\"s\",\"InstanceId\":\"%\",\"Attributes\":{}}",
			 "instanceId", 0, NULL},
			"a_/:.@-9", "a b",
			"Member must satisfy regular expression pattern: "
			"^[0-9a-zA-Z_/:.@-]+$"},
		{{CM "RegisterInstance",
			 "{\"ServiceId\":\"s\",\"InstanceId\":\"i\",\"Attributes\":{"
			 "\"k\":\"%\"}}",
			 "attributes.k.member", 0, NULL},
			"", " x",
			"Member must satisfy regular expression pattern: "
			"^([a-zA-Z0-9!-~][ "
			"\\ta-zA-Z0-9!-~]*){0,1}[a-zA-Z0-9!-~]{0,1}$"},
		{{CM "RegisterInstance",
			 "{\"ServiceId\":\"s\",\"InstanceId\":\"i\",\"Attributes\":{\"%"
			 "\":\"v\"}}",
			 "attributes", 0, NULL},
			"k8s.io/pod", "a b",
			"Map keys must satisfy constraint: [Member must have length "
			"less than or equal "
			"to 255, Member must satisfy regular expression pattern: "
			"^[a-zA-Z0-9!-~]+$]"},
		{{CM "CreateService", "{\"Name\":\"a\",\"Type\":\"%\"}", "type", 0,
			 NULL},
			"HTTP", "DNS_HTTP",
			"Member must satisfy enum value set: [HTTP]"},
		{{CM "CreateService",
			 "{\"Name\":\"a\",\"DnsConfig\":{\"DnsRecords\":[{\"Type\":\"%"
			 "\",\"TTL\":1}]}}",
			 "dnsConfig.dnsRecords.1.member.type", 0, NULL},
			"CNAME", "a",
			"Member must satisfy enum value set: [SRV, A, AAAA, CNAME]"},
		{{CM "CreateService",
			 "{\"Name\":\"a\",\"DnsConfig\":{\"RoutingPolicy\":\"%\","
			 "\"DnsRecords\":[]}}",
			 "dnsConfig.routingPolicy", 0, NULL},
			"WEIGHTED", "SIMPLE",
			"Member must satisfy enum value set: [MULTIVALUE, WEIGHTED]"},
		{{CM "CreateService",
			 "{\"Name\":\"a\",\"HealthCheckConfig\":{\"Type\":\"%\"}}",
			 "healthCheckConfig.type", 0, NULL},
			"HTTPS", "UDP",
			"Member must satisfy enum value set: [HTTP, HTTPS, TCP]"},
		{{CM "ListNamespaces",
			 "{\"Filters\":[{\"Name\":\"%\",\"Values\":[\"x\"]}]}",
			 "filters.1.member.name", 0, NULL},
			"HTTP_NAME", "VPC",
			"Member must satisfy enum value set: [TYPE, NAME, HTTP_NAME, "
			"RESOURCE_OWNER]"},
		{{CM "ListServices",
			 "{\"Filters\":[{\"Name\":\"NAMESPACE_ID\",\"Values\":[\"x\"],"
			 "\"Condition\":\"%\"}]}",
			 "filters.1.member.condition", 0, NULL},
			"EQ", "LIKE",
			"Member must satisfy enum value set: [EQ, IN, BETWEEN, "
			"BEGINS_WITH]"},
		{{CM "ListServices",
			 "{\"Filters\":[{\"Name\":\"%\",\"Values\":[\"x\"]}]}",
			 "filters.1.member.name", 0, NULL},
			"RESOURCE_OWNER", "NAME",
			"Member must satisfy enum value set: [NAMESPACE_ID, "
			"RESOURCE_OWNER]"},
		{{CM "ListOperations",
			 "{\"Filters\":[{\"Name\":\"%\",\"Values\":[\"x\"]}]}",
			 "filters.1.member.name", 0, NULL},
			"UPDATE_DATE", "INSTANCE_ID",
			"Member must satisfy enum value set: [NAMESPACE_ID, "
			"SERVICE_ID, STATUS, TYPE, UPDATE_DATE]"},
		{{CM "DiscoverInstancesRevision",
			 "{\"NamespaceName\":\"arn:%\",\"ServiceName\":\"s\"}",
			 "namespaceName", 0, NULL},
			"x", "x y",
			"Member must satisfy regular expression pattern: "
			"^[!-~]{1,1024}$"},
		{{CM "DiscoverInstances",
			 "{\"NamespaceName\":\"n\",\"ServiceName\":\"s\","
			 "\"HealthStatus\":\"%\"}",
			 "healthStatus", 0, NULL},
			"HEALTHY_OR_ELSE_ALL", "UNKNOWN",
			"Member must satisfy enum value set: "
			"[HEALTHY, UNHEALTHY, ALL, HEALTHY_OR_ELSE_ALL]"},
	};

	for (size_t i = 0; i < CMAP_COUNT(table); i++) {
		expect(&table[i].limit, table[i].good, NULL);
		expect(&table[i].limit, table[i].bad, table[i].constraint);
	}
}

Test(limits, attribute_keys_have_255_characters)
{
	static const struct limit l = {CM "RegisterInstance",
		"{\"ServiceId\":\"s\",\"InstanceId\":\"i\",\"Attributes\":{\"%\":\"v\"}"
		"}",
		"attributes", 255, "k"};
	char *key;

	for (long n = 254; n <= 256; n++) {
		key = repeat("k", "", n);
		expect(&l, key,
			n <= 255 ? NULL
				 : "Map keys must satisfy constraint: [Member must "
				   "have length less than "
				   "or equal to 255, Member must satisfy regular "
				   "expression pattern: "
				   "^[a-zA-Z0-9!-~]+$]");
		free(key);
	}
}

Test(limits, attributes_of_services_are_bounded_in_number_and_keys)
{
	static const struct limit key = {CM "UpdateServiceAttributes",
		"{\"ServiceId\":\"s\",\"Attributes\":{\"%\":\"v\"}}", "attributes", 255,
		"k"};
	static const struct limit number = {CM "UpdateServiceAttributes",
		"{\"ServiceId\":\"s\",\"Attributes\":{%}}", "attributes", 30, ""};
	struct buf pairs = {0};

	for (long n = 254; n <= 256; n++) {
		char *text = repeat("\xC3\xBC", "", n);

		expect(&key, text,
			n <= 255 ? NULL
				 : "Map keys must satisfy constraint: [Member must "
				   "have length less than or equal to 255]");
		free(text);
	}
	for (int n = 1; n <= 31; n++) {
		buf_printf(&pairs, "%s\"k%d\":\"v\"", n > 1 ? "," : "", n);
		if (n >= 29)
			expect(&number, pairs.data,
				n <= 30 ? NULL
					: "Member must have length less than or equal "
					  "to 30");
	}
	buf_free(&pairs);
}
