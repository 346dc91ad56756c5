/* SPDX-License-Identifier: MIT */
/* What DiscoverInstancesRevision tells: that the instances of a service have changed, and nothing else. */
#include <stdlib.h>

#include "fixture.h"
#include "test.h"

#define ASK "{\"NamespaceName\":\"prod\",\"ServiceName\":\"x\"}"

/* The number that the answer ends in. */
static long revision(struct fixture *f, const char *target)
{
	const char *answer = fixture_call(f, target, ASK);
	const char *at = strstr(answer, "\"InstancesRevision\":");

	cr_assert_not_null(at, "%s", answer);
	return strtol(at + strlen("\"InstancesRevision\":"), NULL, 10);
}

Test(ops_discover, the_revision_moves_with_the_instances)
{
	struct fixture f;
	long before, after;

	fixture_init(&f);
	fixture_fill(&f);
	before = revision(&f, "DiscoverInstancesRevision");
	fixture_call(&f, "CreateHttpNamespace", "{\"Name\":\"other\"}");
	cr_expect_eq(revision(&f, "DiscoverInstancesRevision"), before,
		"another namespace");
	fixture_register(&f, "i-1", "10.0.0.1", "30s");
	after = revision(&f, "DiscoverInstancesRevision");
	cr_expect_gt(after, before);
	cr_expect_eq(revision(&f, "DiscoverInstances"), after, "both tell the same");
	fixture_register(&f, "i-1", "10.0.0.2", "30s");
	cr_expect_gt(revision(&f, "DiscoverInstancesRevision"), after, "replaced");
	after = revision(&f, "DiscoverInstancesRevision");
	fixture_call(&f, "Cmap_v1.RenewLeases",
		"{\"Leases\":[{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\"}]}");
	cr_expect_eq(revision(&f, "DiscoverInstancesRevision"), after, "renewed");
	fixture_pass(&f, 31000);
	cr_expect_gt(revision(&f, "DiscoverInstancesRevision"), after, "expired");
	fixture_free(&f);
}

Test(ops_discover, the_revision_is_found_like_the_instances)
{
	static const char *const table[][2] = {
		{"{\"NamespaceName\":\"PROD\",\"ServiceName\":\"X\"}",
			"200 {\"InstancesRevision\":2}"},
		{"{\"NamespaceName\":\"prod\",\"ServiceName\":\"x\",\"OwnerAccount\":"
		 "\"123456789012\"}",
			"200 {\"InstancesRevision\":2}"},
		{"{\"NamespaceName\":\"prod\",\"ServiceName\":\"x\",\"OwnerAccount\":"
		 "\"999999999999\"}",
			"400 {\"__type\":\"NamespaceNotFound\",\"Message\":\"Namespace "
			"not found\"}"},
		{"{\"NamespaceName\":\"test\",\"ServiceName\":\"x\"}",
			"400 {\"__type\":\"NamespaceNotFound\",\"Message\":\"Namespace "
			"not found\"}"},
		{"{\"NamespaceName\":\"prod\",\"ServiceName\":\"y\"}",
			"400 {\"__type\":\"ServiceNotFound\",\"Message\":\"Service not "
			"found\"}"},
	};
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	for (size_t i = 0; i < CMAP_COUNT(table); i++)
		fixture_expect(&f, "DiscoverInstancesRevision", table[i][0],
			table[i][1]);
	fixture_free(&f);
}
