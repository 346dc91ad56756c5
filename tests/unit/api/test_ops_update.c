/* SPDX-License-Identifier: MIT */
/* UpdateService and the three of namespaces: what they change, leave and refuse. */
#include "fixture.h"
#include "test.h"

#define INVALID(message) "400 {\"__type\":\"InvalidInput\",\"Message\":\"" message "\"}"
#define DONE             "200 {'OperationId':'op-*'}"

static const struct namespace *the_namespace(const struct fixture *f)
{
	return model_namespace(registry_model(f->registry), f->ns_id);
}

static const struct service *the_service(const struct fixture *f)
{
	return model_service(registry_model(f->registry), f->srv_id);
}

/* ---- namespaces ---- */

Test(ops_update, a_private_namespace_gets_a_description_and_a_ttl)
{
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_expect_ask(&f, "UpdatePrivateDnsNamespace",
		"{'Id':'NSID','Namespace':{'Description':'first'}}", DONE);
	cr_expect_str_eq(the_namespace(&f)->description, "first");
	cr_expect_eq(the_namespace(&f)->soa_ttl, -1, "left out, so left alone");
	fixture_expect_ask(&f, "UpdatePrivateDnsNamespace",
		"{'Id':'NSID','Namespace':{'Properties':{'DnsProperties':{'SOA':"
		"{'TTL':7}}}}}",
		DONE);
	cr_expect_str_eq(the_namespace(&f)->description, "first");
	cr_expect_eq(the_namespace(&f)->soa_ttl, 7);
	fixture_expect_ask(&f, "UpdatePrivateDnsNamespace",
		"{'Id':'NSID','Namespace':{'Description':'','Properties':{"
		"'DnsProperties':{'SOA':{'TTL':0}}}}}",
		DONE);
	cr_expect_str_eq(the_namespace(&f)->description, "");
	cr_expect_eq(the_namespace(&f)->soa_ttl, 0);
	fixture_expect_ask(&f, "UpdatePrivateDnsNamespace",
		"{'Id':'NSID','Namespace':{}}", DONE);
	cr_expect_eq(the_namespace(&f)->soa_ttl, 0);
	cr_expect_str_eq(the_namespace(&f)->vpc, "v");
	cr_expect_eq(model_service_count(the_namespace(&f)), 1u);
	fixture_expect_ask(&f, "GetService", "{'Id':'SRVID'}", "200 {'Service':{");
	fixture_free(&f);
}

Test(ops_update, namespaces_of_the_other_types)
{
	struct fixture f;

	fixture_init(&f);
	fixture_ask(&f, "CreatePublicDnsNamespace", "{'Name':'a.example'}");
	fixture_ask(&f, "ListNamespaces", "{}");
	fixture_expect_ask(&f, "UpdatePublicDnsNamespace",
		"{'Id':'NSID','Namespace':{'Description':'d','Properties':{"
		"'DnsProperties':{'SOA':{'TTL':2147483647}}}}}",
		DONE);
	cr_expect_eq(the_namespace(&f)->soa_ttl, 2147483647);
	fixture_expect(&f, "UpdatePrivateDnsNamespace",
		"{\"Id\":\"NSID\",\"Namespace\":{}}",
		INVALID("Namespace 'a.example' is of type DNS_PUBLIC; update it with "
			"UpdatePublicDnsNamespace."));
	fixture_free(&f);
	fixture_init(&f);
	fixture_ask(&f, "CreateHttpNamespace", "{'Name':'web'}");
	fixture_ask(&f, "ListNamespaces", "{}");
	fixture_expect_ask(&f, "UpdateHttpNamespace",
		"{'Id':'NSID','Namespace':{'Description':'d'}}", DONE);
	cr_expect_str_eq(the_namespace(&f)->description, "d");
	fixture_expect(&f, "UpdatePublicDnsNamespace",
		"{\"Id\":\"NSID\",\"Namespace\":{}}",
		INVALID("Namespace 'web' is of type HTTP; update it with "
			"UpdateHttpNamespace."));
	fixture_expect(&f, "UpdateHttpNamespace", "{\"Id\":\"NSID\",\"Namespace\":{}}",
		INVALID("1 validation error detected: Value null at "
			"'namespace.description' failed to satisfy constraint: Member "
			"must not be null"));
	fixture_free(&f);
}

Test(ops_update, an_update_of_a_namespace_is_an_operation)
{
	struct buf body = {0}, answer = {0};
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_pass(&f, 1000);
	fixture_ask(&f, "UpdatePrivateDnsNamespace",
		"{'Id':'NSID','Namespace':{'Description':'d'}}");
	buf_printf(&body, "{\"OperationId\":\"%s\"}",
		the_namespace(&f)->update_operation_id);
	fixture_expect(&f, "GetOperation", body.data,
		"200 {\"Operation\":{\"Id\":\"op-*\",\"OwnerAccount\":\"123456789012\","
		"\"Type\":\"UPDATE_NAMESPACE\",\"Status\":\"SUCCESS\","
		"\"CreateDate\":1516925491.087,\"UpdateDate\":1516925491.087,"
		"\"Targets\":{\"NAMESPACE\":\"NSID\"}}}");
	buf_free(&body);
	buf_free(&answer);
	fixture_free(&f);
}

Test(ops_update, the_same_request_again_is_the_same_operation)
{
#define UPDATE(request, text)                                                          \
	"{'Id':'NSID','UpdaterRequestId':'" request                                    \
	"','Namespace':{'Description':'" text "'}}"
	char first[MODEL_OPERATION_TEXT];
	struct fixture f;
	uint64_t revision;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_expect_ask(&f, "UpdatePrivateDnsNamespace", UPDATE("u-1", "a"), DONE);
	strcpy(first, the_namespace(&f)->update_operation_id);
	revision = registry_model(f.registry)->revision;
	fixture_pass(&f, 1000);
	fixture_expect_ask(&f, "UpdatePrivateDnsNamespace", UPDATE("u-1", "a"), DONE);
	cr_expect_eq(registry_model(f.registry)->revision, revision);
	cr_expect_str_eq(the_namespace(&f)->update_operation_id, first);
	fixture_expect(&f, "UpdatePrivateDnsNamespace",
		"{\"Id\":\"NSID\",\"UpdaterRequestId\":\"u-1\",\"Namespace\":{"
		"\"Description\":\"b\"}}",
		INVALID("UpdaterRequestId is that of another update; each update needs "
			"one of its own."));
	cr_expect_str_eq(the_namespace(&f)->description, "a");
	fixture_expect_ask(&f, "UpdatePrivateDnsNamespace", UPDATE("u-2", "a"), DONE);
	cr_expect_str_neq(the_namespace(&f)->update_operation_id, first);
	fixture_expect_ask(&f, "UpdatePrivateDnsNamespace", UPDATE("", "c"), DONE);
	fixture_expect_ask(&f, "UpdatePrivateDnsNamespace", UPDATE("", "d"), DONE);
	cr_expect_str_eq(the_namespace(&f)->description, "d");
	fixture_free(&f);
}

/* ---- services ---- */

#define A_SERVICE(name, more)                                                          \
	"{'Name':'" name "','NamespaceId':'NSID','DnsConfig':{'DnsRecords':[" more

/* In a public namespace a service "x" of what more says. */
static void fill(struct fixture *f, const char *more)
{
	struct buf body = {0};

	fixture_init(f);
	fixture_ask(f, "CreatePublicDnsNamespace", "{'Name':'a.example'}");
	fixture_ask(f, "ListNamespaces", "{}");
	buf_printf(&body, "{'Name':'x','NamespaceId':'NSID','Description':'old'%s}",
		more);
	fixture_expect_ask(f, "CreateService", body.data, "200 {'Service':{");
	buf_free(&body);
}

#define DNS(records)           ",'DnsConfig':{'DnsRecords':[" records "]}"
#define A60                    "{'Type':'A','TTL':60}"
#define UPDATE_SERVICE(change) "UpdateService", "{'Id':'SRVID','Service':{" change "}}"

Test(ops_update, a_service_gets_other_ttls_and_a_description)
{
	const struct service *s;
	struct fixture f;

	fill(&f, DNS(A60 ",{'Type':'AAAA','TTL':60}"));
	fixture_register(&f, "i-1", "10.0.0.1", NULL);
	fixture_expect_ask(&f,
		UPDATE_SERVICE("'DnsConfig':{'DnsRecords':[{'Type':'AAAA','TTL':0},"
			       "{'Type':'A','TTL':2147483647}]}"),
		DONE);
	s = the_service(&f);
	cr_expect_str_eq(s->description, "old", "left out, so left alone");
	cr_expect_eq(service_record(s, RECORD_A)->ttl, 2147483647u);
	cr_expect_eq(service_record(s, RECORD_AAAA)->ttl, 0u);
	cr_expect_eq(s->n_records, 2);
	cr_expect_eq(model_instance_count(s), 1u);
	fixture_expect_ask(&f,
		UPDATE_SERVICE("'Description':'new','DnsConfig':{'DnsRecords':[" A60
			       ",{'Type':'AAAA','TTL':60}]}"),
		DONE);
	cr_expect_str_eq(the_service(&f)->description, "new");
	fixture_expect_ask(&f, "GetInstance",
		"{'ServiceId':'SRVID','InstanceId':'i-1'}",
		"200 {'ResourceOwner':'123456789012','Instance':{'Id':'i-1'");
	fixture_free(&f);
}

Test(ops_update, what_is_left_out_is_deleted_but_for_custom_health)
{
	struct fixture f;

	fill(&f, DNS(A60) ",'HealthCheckConfig':{'Type':'TCP'}");
	fixture_ask(&f, "RegisterInstance",
		"{'ServiceId':'SRVID','InstanceId':'i-1','Attributes':{"
		"'AWS_INSTANCE_IPV4':'10.0.0.1','AWS_INSTANCE_PORT':'80','CMAP_LEASE':"
		"'30s'}}");
	fixture_expect_ask(&f, UPDATE_SERVICE("'DnsConfig':{'DnsRecords':[" A60 "]}"),
		DONE);
	cr_expect_not(the_service(&f)->has_health_check);
	fixture_expect_ask(&f, UPDATE_SERVICE(""), DONE);
	cr_expect_eq(the_service(&f)->n_records, 0);
	fixture_expect_ask(&f, "GetService", "{'Id':'SRVID'}",
		"200 {'Service':{'Id':'SRVID','Arn':'arn:aws:servicediscovery:us-west-2"
		":123456789012:service/SRVID','ResourceOwner':'123456789012','Name':'x'"
		",'NamespaceId':'NSID','Description':'old','InstanceCount':1,"
		"'DnsConfig':{},'Type':'HTTP',");
	fixture_pass(&f, 31000);
	cr_expect_eq(model_instance_count(the_service(&f)), 0u, "the lease ends");
	fixture_free(&f);

	fill(&f, DNS(A60) ",'HealthCheckCustomConfig':{}");
	fixture_expect_ask(&f, UPDATE_SERVICE("'DnsConfig':{'DnsRecords':[" A60 "]}"),
		DONE);
	cr_expect(the_service(&f)->has_custom_health);
	fixture_free(&f);
}

Test(ops_update, a_health_check_is_added_and_changed)
{
#define KEEP "'DnsConfig':{'DnsRecords':[" A60 "]}"
	const struct service *s;
	struct fixture f;

	fill(&f, DNS(A60));
	fixture_expect_ask(&f,
		UPDATE_SERVICE(KEEP ",'HealthCheckConfig':{'Type':'HTTP',"
				    "'ResourcePath':'/a','FailureThreshold':10}"),
		DONE);
	s = the_service(&f);
	cr_expect(s->has_health_check && s->health_check.type == HEALTH_HTTP);
	cr_expect_str_eq(s->health_check.resource_path, "/a");
	cr_expect_eq(s->health_check.failure_threshold, 10u);
	fixture_expect_ask(&f,
		UPDATE_SERVICE(KEEP ",'HealthCheckConfig':{'Type':'HTTP'}"), DONE);
	s = the_service(&f);
	cr_expect_null(s->health_check.resource_path);
	cr_expect_eq(s->health_check.failure_threshold, 1u);
	fixture_expect_ask(&f,
		UPDATE_SERVICE(KEEP ",'HealthCheckConfig':{'Type':'TCP'}"),
		INVALID("Type of health check cannot be changed"));
	fixture_expect_ask(&f, UPDATE_SERVICE(KEEP), DONE);
	fixture_expect_ask(&f,
		UPDATE_SERVICE(KEEP ",'HealthCheckConfig':{'Type':'TCP',"
				    "'ResourcePath':'/'}"),
		INVALID("ResourcePath must not be given for a health check of Type "
			"TCP."));
	cr_expect_not(the_service(&f)->has_health_check);
	fixture_free(&f);

	fill(&f, DNS(A60) ",'HealthCheckCustomConfig':{}");
	fixture_expect_ask(&f,
		UPDATE_SERVICE(KEEP ",'HealthCheckConfig':{'Type':'HTTP'}"),
		INVALID("Specify either HealthCheckConfig or HealthCheckCustomConfig, "
			"but not both."));
	fixture_free(&f);

	fill(&f, DNS("{'Type':'CNAME','TTL':1}"));
	fixture_expect_ask(&f,
		UPDATE_SERVICE("'DnsConfig':{'DnsRecords':[{'Type':'CNAME','TTL':1}]},"
			       "'HealthCheckConfig':{'Type':'HTTP'}"),
		INVALID("HealthCheckConfig cannot be used with a CNAME record."));
	fixture_free(&f);

	fixture_init(&f);
	fixture_fill(&f);
	fixture_expect_ask(&f,
		UPDATE_SERVICE(KEEP ",'HealthCheckConfig':{'Type':'HTTP'}"),
		INVALID("HealthCheckConfig cannot be used in a private DNS namespace; "
			"use HealthCheckCustomConfig."));
	fixture_free(&f);
}

Test(ops_update, record_types_cannot_be_changed)
{
#define TYPES(old, wanted)                                                             \
	INVALID("The record types in the request must be the same as those present "   \
		"in the existing service. Records in the existing service are [" old   \
		"], but the records in the request are [" wanted                       \
		"]. The record types of a service cannot be changed.")
#define RECORDS(list) UPDATE_SERVICE("'DnsConfig':{'DnsRecords':[" list "]}")
#define R(type)       "{'Type':'" type "','TTL':1}"
	struct fixture f;

	fill(&f, DNS(A60));
	fixture_expect_ask(&f, RECORDS(R("AAAA")), TYPES("A", "AAAA"));
	fixture_expect_ask(&f, RECORDS(""), TYPES("A", ""));
	fixture_expect_ask(&f, RECORDS(R("A") "," R("AAAA")), TYPES("A", "A, AAAA"));
	fixture_expect_ask(&f, RECORDS(R("A") "," R("A")), TYPES("A", "A, A"));
	fixture_expect_ask(&f,
		RECORDS(R("A") "," R("A") "," R("A") "," R("A") "," R("A") "," R("A")),
		TYPES("A", "A, A, A, A"));
	cr_expect_eq(service_record(the_service(&f), RECORD_A)->ttl, 60u);
	fixture_free(&f);

	fill(&f, DNS("{'Type':'A','TTL':1},{'Type':'AAAA','TTL':1}"));
	fixture_expect_ask(&f, RECORDS(R("A")), TYPES("A, AAAA", "A"));
	fixture_expect_ask(&f, RECORDS(R("A") "," R("A")), TYPES("A, AAAA", "A, A"));
	fixture_free(&f);

	fill(&f, ",'Type':'HTTP'");
	fixture_expect_ask(&f, RECORDS(R("A")), TYPES("", "A"));
	fixture_expect_ask(&f, UPDATE_SERVICE("'Description':'new'"), DONE);
	cr_expect_str_eq(the_service(&f)->description, "new");
	fixture_free(&f);
}

Test(ops_update, services_in_an_http_namespace_are_not_updated)
{
	struct fixture f;

	fixture_init(&f);
	fixture_ask(&f, "CreateHttpNamespace", "{'Name':'web'}");
	fixture_ask(&f, "ListNamespaces", "{}");
	fixture_ask(&f, "CreateService", "{'Name':'x','NamespaceId':'NSID'}");
	fixture_expect_ask(&f, UPDATE_SERVICE("'Description':'new'"),
		INVALID("Services in an HTTP namespace cannot be updated."));
	fixture_free(&f);
}

Test(ops_update, an_update_of_a_service_leaves_the_revision_of_its_instances)
{
	struct fixture f;
	uint64_t revision;

	fill(&f, DNS(A60));
	fixture_register(&f, "i-1", "10.0.0.1", NULL);
	revision = the_service(&f)->instances_revision;
	fixture_expect_ask(&f,
		UPDATE_SERVICE("'DnsConfig':{'DnsRecords':[" R("A") "]}"), DONE);
	cr_expect_eq(the_service(&f)->instances_revision, revision);
	fixture_free(&f);
}

Test(ops_update, ids_may_be_arns)
{
#define ARN "arn:aws:servicediscovery:us-west-2:123456789012:"
	struct buf body = {0};
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	buf_printf(&body, "{'Id':'" ARN "namespace/%s','Namespace':{}}", f.ns_id);
	fixture_expect_ask(&f, "UpdatePrivateDnsNamespace", body.data, DONE);
	buf_free(&body);
	buf_printf(&body, "{'Id':'" ARN "service/%s','Service':{}}", f.srv_id);
	fixture_expect_ask(&f, "UpdateService", body.data, DONE);
	buf_free(&body);
	fixture_expect_ask(&f, "UpdateService", "{'Id':'srv-none','Service':{}}",
		"400 {\"__type\":\"ServiceNotFound\",\"Message\":\"No service has the "
		"id 'srv-none'.\"}");
	fixture_expect_ask(&f, "UpdateHttpNamespace",
		"{'Id':'ns-none','Namespace':{'Description':''}}",
		"400 {\"__type\":\"NamespaceNotFound\",\"Message\":\"No namespace has "
		"the id 'ns-none'.\"}");
	fixture_free(&f);
}

/* All at once: what would touch the same thing waits for the other, and all are there in the end. */
Test(ops_update, updates_under_way_together_are_all_made)
{
	static const char *const bodies[][2] = {
		{"UpdatePrivateDnsNamespace",
			"{'Id':'NSID','Namespace':{'Description':'d'}}"},
		{"UpdatePrivateDnsNamespace",
			"{'Id':'NSID','Namespace':{'Properties':{'DnsProperties':{"
			"'SOA':{'TTL':9}}}}}"},
		{"UpdateService",
			"{'Id':'SRVID','Service':{'DnsConfig':{'DnsRecords':[{'Type':"
			"'A','TTL':1}]}}}"},
		{"UpdateService",
			"{'Id':'SRVID','Service':{'Description':'e','DnsConfig':{"
			"'DnsRecords':[{'Type':'A','TTL':2}]}}}"},
		{"RegisterInstance",
			"{'ServiceId':'SRVID','InstanceId':'i','Attributes':{"
			"'AWS_INSTANCE_IPV4':'10.0.0.1'}}"},
		{"UpdateServiceAttributes",
			"{'ServiceId':'SRVID','Attributes':{'k':'v'}}"},
	};
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	f.stuck = true;
	for (size_t i = 0; i < CMAP_COUNT(bodies); i++)
		fixture_expect_ask(&f, bodies[i][0], bodies[i][1], "waiting");
	f.stuck = false;
	fixture_pump(&f);
	cr_expect(registry_is_idle(f.registry));
	cr_expect_str_eq(the_namespace(&f)->description, "d");
	cr_expect_eq(the_namespace(&f)->soa_ttl, 9);
	cr_expect_str_eq(the_service(&f)->description, "e");
	cr_expect_eq(service_record(the_service(&f), RECORD_A)->ttl, 2u);
	cr_expect_eq(model_instance_count(the_service(&f)), 1u);
	cr_expect_str_eq(attributes_get(&the_service(&f)->attributes, "k"), "v");
	fixture_free(&f);
}
