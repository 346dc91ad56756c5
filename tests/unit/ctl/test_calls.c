/* SPDX-License-Identifier: MIT */
/*
 * test_calls.c -- whole commands against a scripted API: what is asked, what is
 * printed, how it ends.
 */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/mem.h"
#include "ctl/client.h"
#include "fake.h"
#include "run.h"
#include "story.h"

Test(calls, register_stories)
{
	static const struct story stories[] = {
		{"register web.prod --ip 192.0.2.1 --port 80 --lease 30s --attr "
		 "color=blue",
			{FOUND_NO_SERVICE,
				{"CreateService",
					"{\"NamespaceId\":\"ns-1\",\"Name\":\"web\","
					"\"DnsConfig\":{\"RoutingPolicy\":"
					"\"MULTIVALUE\",\"DnsRecords\":[" A5 "," SRV5
					"]}}",
					0, "{\"Service\":{\"Id\":\"srv-1\"}}"},
				FOUND(A5 "," SRV5),
				{"RegisterInstance",
					"{\"ServiceId\":\"srv-1\",\"InstanceId\":\"192-"
					"0-2-1-80\",\"Attributes\":{"
					"\"AWS_INSTANCE_IPV4\":\"192.0.2.1\",\"AWS_"
					"INSTANCE_PORT\":\"80\","
					"\"CMAP_LEASE\":\"30s\",\"color\":\"blue\"}}",
					0, "{\"OperationId\":\"op-1\"}"}},
			0, "192-0-2-1-80\n", ""},
		/*
		 * Somebody else made the service between our two calls, with other
		 * records.
		 */
		{"register web.prod --ip 192.0.2.1 --port 80 --id i-1 --ttl 1m",
			{FOUND_NO_SERVICE,
				{"CreateService", NULL, 400,
					"{\"__type\":\"ServiceAlreadyExists\","
					"\"Message\":\"x\",\"ServiceId\":\"srv-1\"}"},
				FOUND(A5),
				{"RegisterInstance", NULL, 0,
					"{\"OperationId\":\"op-1\"}"}},
			0, "i-1\n",
			"cmapctl: no SRV record is published for 'i-1': service "
			"'web.prod' has A\n"
			"cmapctl: service 'web.prod' keeps its TTL of 5s\n"},
		{"--json register web.prod --ip 192.0.2.1 --id i-1",
			{FOUND(A5), {"RegisterInstance", NULL, 0,
					    "{\"OperationId\":\"op-1\"}"}},
			0,
			"{\n  \"OperationId\": \"op-1\",\n  \"ServiceId\": "
			"\"srv-1\",\n  \"InstanceId\": \"i-1\"\n}\n",
			""},
		{"register web.prod --cname db.example --ttl 2m",
			{FOUND_NO_SERVICE,
				{"CreateService",
					"{\"NamespaceId\":\"ns-1\",\"Name\":\"web\","
					"\"DnsConfig\":{\"RoutingPolicy\":"
					"\"WEIGHTED\",\"DnsRecords\":[{\"Type\":"
					"\"CNAME\",\"TTL\":120}]}}",
					0, "{\"Service\":{\"Id\":\"srv-1\"}}"},
				FOUND("{\"Type\":\"CNAME\",\"TTL\":120}"),
				{"RegisterInstance",
					"{\"ServiceId\":\"srv-1\",\"InstanceId\":\"db-"
					"example\",\"Attributes\":{"
					"\"AWS_INSTANCE_CNAME\":\"db.example\"}}",
					0, "{\"OperationId\":\"op-1\"}"}},
			0, "db-example\n", ""},
		/* Without DNS there is nothing to publish and nothing to warn of. */
		{"register web.prod --id i-1 --port 80",
			{{FIND, 0, "{" NS_HTTP ",\"ServiceName\":\"web\"}"},
				{"CreateService",
					"{\"NamespaceId\":\"ns-2\",\"Name\":\"web\"}",
					0, "{\"Service\":{\"Id\":\"srv-1\"}}"},
				{FIND, 0,
					"{" NS_HTTP ",\"ServiceName\":\"web\","
					"\"Service\":{\"Id\":\"srv-1\"}}"},
				{"RegisterInstance", NULL, 0,
					"{\"OperationId\":\"op-1\"}"}},
			0, "i-1\n", ""},
		{"register web.prod --id i-1 --port 80", {FOUND_NO_SERVICE}, 64, "",
			"cmapctl: option '--port' needs '--ip' to make service "
			"'web.prod'\n"},
		{"register web.prod --id i-1", {FOUND_NO_SERVICE}, 64, "",
			"cmapctl: service 'web.prod' is yet to be made: give --ip ADDR "
			"or --cname NAME\n"},
		{"register web.prod --ip 192.0.2.1",
			{{FIND, 400,
				"{\"__type\":\"NamespaceNotFound\",\"Message\":"
				"\"x\"}"}},
			4, "",
			"cmapctl: no namespace holds 'web.prod'; create it with: "
			"cmapctl namespace create prod\n"},
		{"register _http._tcp.web.example --ip 192.0.2.1",
			{{"Cmap_v1.FindService", NULL, 404,
				"{\"__type\":\"a#NamespaceNotFound\"}"}},
			4, "",
			"cmapctl: no namespace holds '_http._tcp.web.example'; create "
			"it with: cmapctl namespace create web.example\n"},
		{"register web.prod --ip 192.0.2.1",
			{{FIND, 0, "{" NS ",\"ServiceName\":\".\"}"}}, 64, "",
			"cmapctl: 'web.prod' is a namespace; name a service in it: "
			"SERVICE.web.prod\n"},
		{"register web.prod --ip 192.0.2.1",
			{FOUND(A5), {"RegisterInstance", NULL, 400,
					    "{\"__type\":\"InvalidInput\",\"Message\":"
					    "\"too\\nbad\"}"}},
			1, "", "cmapctl: too\\x0Abad\n"},
	};

	story_play_all(stories, CMAP_COUNT(stories));
}

Test(calls, renew_and_deregister_stories)
{
	static const struct story stories[] = {
		{"renew web.prod i-1 i-2",
			{{"Cmap_v1.RenewLeases",
				"{\"Leases\":[{\"ServiceName\":\"web.prod\","
				"\"InstanceId\":\"i-1\"},"
				"{\"ServiceName\":\"web.prod\",\"InstanceId\":\"i-2\"}]"
				"}",
				0, "{\"Renewed\":2,\"Failed\":[]}"}},
			0, "", ""},
		{"renew web.prod i-1 i-2 i-3 --json",
			{{"Cmap_v1.RenewLeases", NULL, 0,
				"{\"Renewed\":1,\"Failed\":[{\"Index\":1,"
				"\"InstanceId\":\"i-2\",\"__type\":"
				"\"InstanceNotFound\",\"Message\":\"m\"},{\"Index\":2,"
				"\"InstanceId\":\"i-3\","
				"\"__type\":\"InvalidInput\",\"Message\":\"i-3 has no "
				"lease\"}]}"}},
			4,
			"{\n  \"Renewed\": 1,\n  \"Failed\": [\n    {\n      "
			"\"Index\": 1,\n      "
			"\"InstanceId\": \"i-2\",\n      \"__type\": "
			"\"InstanceNotFound\",\n      \"Message\": "
			"\"m\"\n    },\n    {\n      \"Index\": 2,\n      "
			"\"InstanceId\": \"i-3\",\n      "
			"\"__type\": \"InvalidInput\",\n      \"Message\": \"i-3 has "
			"no lease\"\n    }\n  ]\n}\n",
			"cmapctl: no instance 'i-2' in 'web.prod'; see: cmapctl list "
			"web.prod\n"
			"cmapctl: i-3 has no lease\n"},
		/* Said once, and nothing of a list can crash us. */
		{"renew web.prod i-1 i-2 i-3",
			{{"Cmap_v1.RenewLeases", NULL, 0,
				"{\"Renewed\":0,\"Failed\":[{\"InstanceId\":\"i-1\",\"_"
				"_type\":"
				"\"ServiceNotFound\",\"Message\":\"m\"},{"
				"\"InstanceId\":\"i-2\",\"__type\":"
				"\"ServiceNotFound\",\"Message\":\"m\"},7]}"}},
			4, "",
			"cmapctl: no service 'web.prod'; make it with: cmapctl "
			"register web.prod --ip ADDR\n"
			"cmapctl: HTTP status 400 without the error of an API; is it "
			"cmapd that answers?\n"},
		{"deregister web.prod i-1 i-2 i-3",
			{FOUND(A5),
				{"DeregisterInstance",
					"{\"ServiceId\":\"srv-1\",\"InstanceId\":\"i-"
					"1\"}",
					0, "{\"OperationId\":\"op-1\"}"},
				{"DeregisterInstance",
					"{\"ServiceId\":\"srv-1\",\"InstanceId\":\"i-"
					"2\"}",
					400,
					"{\"__type\":\"InstanceNotFound\",\"Message\":"
					"\"m\"}"},
				{"DeregisterInstance",
					"{\"ServiceId\":\"srv-1\",\"InstanceId\":\"i-"
					"3\"}",
					0, "{\"OperationId\":\"op-2\"}"}},
			4, "",
			"cmapctl: no instance 'i-2' in 'web.prod'; see: cmapctl list "
			"web.prod\n"},
		{"deregister web.prod i-1", {FOUND_NO_SERVICE}, 4, "",
			"cmapctl: no service 'web.prod'; make it with: cmapctl "
			"register web.prod --ip ADDR\n"},
	};

	story_play_all(stories, CMAP_COUNT(stories));
}

Test(calls, a_thousand_and_one_leases_take_two_calls)
{
	static const struct fake_call calls[] = {
		{"Cmap_v1.RenewLeases", NULL, 0, "{\"Renewed\":1000,\"Failed\":[]}"},
		{"Cmap_v1.RenewLeases",
			"{\"Leases\":[{\"ServiceName\":\"web.prod\",\"InstanceId\":\"i-"
			"1000\"}]}",
			0, "{\"Renewed\":1,\"Failed\":[]}"}};
	const char **words = xcalloc(1100, sizeof(*words));
	char(*ids)[8] = xcalloc(1001, sizeof(*ids));
	struct fake f;
	struct run r;
	size_t n = 0;

	fake_start(&f, calls, CMAP_COUNT(calls));
	words[n++] = "--json";
	words[n++] = "--socket";
	words[n++] = f.path;
	words[n++] = "renew";
	words[n++] = "web.prod";
	for (int i = 0; i <= 1000; i++) {
		snprintf(ids[i], sizeof(ids[i]), "i-%d", i);
		words[n++] = ids[i];
	}
	run_ctl(&r, words);
	cr_expect_str_eq(r.out, "{\n  \"Renewed\": 1001,\n  \"Failed\": []\n}\n", "%s",
		r.out);
	cr_expect_eq(r.status, 0);
	run_free(&r);
	fake_stop(&f);
	free(words);
	free(ids);
}

Test(calls, namespace_stories)
{
	static const struct story stories[] = {
		{"namespace create prod. --soa-ttl 10s --description x",
			{{"CreatePrivateDnsNamespace",
				 "{\"Name\":\"prod\",\"Vpc\":\"cmap\",\"Description\":"
				 "\"x\",\"Properties\":{"
				 "\"DnsProperties\":{\"SOA\":{\"TTL\":10}}}}",
				 0, "{\"OperationId\":\"op-1\"}"},
				{"GetOperation", "{\"OperationId\":\"op-1\"}", 0,
					"{\"Operation\":{\"Status\":\"SUCCESS\","
					"\"Targets\":{\"NAMESPACE\":\"ns-1\"}}}"}},
			0, "ns-1\n", ""},
		{"namespace create prod --http",
			{{"CreateHttpNamespace", "{\"Name\":\"prod\"}", 0,
				 "{\"OperationId\":\"op-1\"}"},
				{"GetOperation", NULL, 0,
					"{\"Operation\":{\"Status\":\"FAIL\","
					"\"ErrorCode\":\"E\",\"ErrorMessage\":\"M\"}"
					"}"}},
			1, "", "cmapctl: namespace 'prod' was not made: E: M\n"},
		{"namespace create example.com --public",
			{{"CreatePublicDnsNamespace", "{\"Name\":\"example.com\"}", 400,
				"{\"__type\":\"UnknownOperationException\",\"Message\":"
				"\"no such\"}"}},
			1, "", "cmapctl: this cmapd cannot do that: no such\n"},
		{"namespace create prod",
			{{"CreatePrivateDnsNamespace", NULL, 400,
				"{\"__type\":\"NamespaceAlreadyExists\",\"Message\":"
				"\"m\"}"}},
			1, "",
			"cmapctl: namespace 'prod' exists already; see: cmapctl "
			"namespace show prod\n"},
		{"namespace list",
			{{"ListNamespaces", "{}", 0,
				 "{\"Namespaces\":[{\"Name\":\"prod\",\"Id\":\"ns-1\","
				 "\"Type\":\"DNS_PRIVATE\","
				 "\"ServiceCount\":12}],\"NextToken\":\"t\"}"},
				{"ListNamespaces", "{\"NextToken\":\"t\"}", 0,
					"{\"Namespaces\":[{\"Name\":\"a\",\"Id\":\"ns-"
					"2\",\"Type\":\"HTTP\","
					"\"Description\":\"d e\"}]}"}},
			0,
			"NAME ID   TYPE        SERVICES DESCRIPTION\n"
			"prod ns-1 DNS_PRIVATE 12       -\n"
			"a    ns-2 HTTP        -        d e\n",
			""},
		{"namespace list --json",
			{{"ListNamespaces", "{}", 0, "{\"Namespaces\":[]}"}}, 0,
			"{\n  \"Namespaces\": []\n}\n", ""},
		{"namespace list",
			{{"ListNamespaces", "{}", 0,
				 "{\"Namespaces\":[],\"NextToken\":\"t\"}"},
				{"ListNamespaces", NULL, 0,
					"{\"Namespaces\":[],\"NextToken\":\"t\"}"}},
			1, "", "cmapctl: cmapd gives the same page again and again\n"},
		{"namespace show prod", {FOUND_PROD}, 0,
			"Id                                 ns-1\n"
			"Name                               prod\n"
			"Type                               DNS_PRIVATE\n"
			"Properties.HttpProperties.HttpName prod-x\n",
			""},
		{"namespace show web.prod", {FOUND(A5)}, 4, "",
			"cmapctl: no namespace 'web.prod'; create it with: cmapctl "
			"namespace create web.prod\n"},
		{"namespace delete prod",
			{FOUND_PROD, {"DeleteNamespace", "{\"Id\":\"ns-1\"}", 400,
					     "{\"__type\":\"ResourceInUse\","
					     "\"Message\":\"m\"}"}},
			1, "",
			"cmapctl: namespace 'prod' holds services; delete them too "
			"with: cmapctl namespace delete prod --force\n"},
		/*
		 * An instance that somebody else deregistered meanwhile stops nothing.
		 */
		{"namespace delete prod --force",
			{FOUND_PROD,
				{"ListServices",
					"{\"Filters\":[{\"Name\":\"NAMESPACE_ID\","
					"\"Values\":[\"ns-1\"]}]}",
					0, "{\"Services\":[{\"Id\":\"srv-1\"}]}"},
				{"ListInstances", "{\"ServiceId\":\"srv-1\"}", 0,
					"{\"Instances\":[{\"Id\":\"i-1\"},{\"Id\":\"i-"
					"2\"}]}"},
				{"DeregisterInstance",
					"{\"ServiceId\":\"srv-1\",\"InstanceId\":\"i-"
					"1\"}",
					400,
					"{\"__type\":\"InstanceNotFound\",\"Message\":"
					"\"m\"}"},
				{"DeregisterInstance",
					"{\"ServiceId\":\"srv-1\",\"InstanceId\":\"i-"
					"2\"}",
					0, "{\"OperationId\":\"op-1\"}"},
				{"DeleteService", "{\"Id\":\"srv-1\"}", 0, "{}"},
				{"DeleteNamespace", "{\"Id\":\"ns-1\"}", 0,
					"{\"OperationId\":\"op-2\"}"}},
			0, "", ""},
	};

	story_play_all(stories, CMAP_COUNT(stories));
}

Test(calls, service_stories)
{
	static const struct story stories[] = {
		{"service create web.prod --a --srv --ttl 1h --weighted "
		 "--custom-health",
			{FOUND_NO_SERVICE,
				{"CreateService",
					"{\"NamespaceId\":\"ns-1\",\"Name\":\"web\","
					"\"DnsConfig\":{\"RoutingPolicy\":"
					"\"WEIGHTED\",\"DnsRecords\":[{\"Type\":\"A\","
					"\"TTL\":3600},{\"Type\":\"SRV\","
					"\"TTL\":3600}]},\"HealthCheckCustomConfig\":{}"
					"}",
					0, "{\"Service\":{\"Id\":\"srv-9\"}}"}},
			0, "srv-9\n", ""},
		{"service create web.prod", {FOUND_NO_SERVICE}, 64, "",
			"cmapctl: which records shall 'web.prod' have? --a, --aaaa, "
			"--srv or --cname; or --http for none\n"},
		{"service create web.prod --http",
			{FOUND_NO_SERVICE,
				{"CreateService",
					"{\"NamespaceId\":\"ns-1\",\"Name\":\"web\","
					"\"Type\":\"HTTP\"}",
					400,
					"{\"__type\":\"ServiceAlreadyExists\","
					"\"Message\":\"m\"}"}},
			1, "",
			"cmapctl: service 'web.prod' exists already; see: cmapctl "
			"service show web.prod\n"},
		{"service list prod",
			{FOUND_PROD,
				{"ListServices",
					"{\"Filters\":[{\"Name\":\"NAMESPACE_ID\","
					"\"Values\":[\"ns-1\"]}]}",
					0,
					"{\"Services\":[{\"Name\":\"web\",\"Id\":\"srv-"
					"1\",\"InstanceCount\":3,"
					"\"DnsConfig\":{\"DnsRecords\":[" A5 "," SRV5
					"]}},"
					"{\"Name\":\"api\",\"Id\":\"srv-2\",\"Type\":"
					"\"HTTP\",\"DnsConfig\":{}},"
					"{\"Name\":\".\",\"Id\":\"srv-3\","
					"\"DnsConfig\":{\"DnsRecords\":[" A5 "]}}]}"}},
			0,
			"SERVICE    ID    RECORDS TTL INSTANCES DESCRIPTION\n"
			"web.prod-x srv-1 A,SRV   5s  3         -\n"
			"api.prod-x srv-2 -       -   -         -\n"
			"prod-x     srv-3 A       5s  -         -\n",
			""},
		{"service list --json",
			{{"ListNamespaces", "{}", 0,
				 "{\"Namespaces\":[{\"Id\":\"ns-1\",\"Name\":\"prod\"}]"
				 "}"},
				{"ListServices", NULL, 0,
					"{\"Services\":[{\"Id\":\"srv-1\"}]}"}},
			0,
			"{\n  \"Services\": [\n    {\n      \"Id\": \"srv-1\",\n      "
			"\"NamespaceName\": "
			"\"prod\"\n    }\n  ]\n}\n",
			""},
		{"service show web.prod", {FOUND(A5 "," SRV5)}, 0,
			"Id                   srv-1\n"
			"Name                 web\n"
			"DnsConfig.DnsRecords A 5, SRV 5\n",
			""},
		{"service show web.prod --json", {FOUND("")}, 0,
			"{\n  \"Service\": {\n    \"Id\": \"srv-1\",\n    \"Name\": "
			"\"web\",\n    \"DnsConfig\": "
			"{\n      \"DnsRecords\": []\n    }\n  }\n}\n",
			""},
		{"service delete web.prod",
			{FOUND(A5), {"DeleteService", "{\"Id\":\"srv-1\"}", 400,
					    "{\"__type\":\"ResourceInUse\",\"Message\":"
					    "\"m\"}"}},
			1, "",
			"cmapctl: service 'web.prod' holds instances; deregister them "
			"too with: cmapctl service delete web.prod --force\n"},
		{"service delete web.prod --force",
			{FOUND(A5),
				{"ListInstances", NULL, 0,
					"{\"Instances\":[{\"Id\":\"i-1\"}]}"},
				{"DeregisterInstance", NULL, 0,
					"{\"OperationId\":\"op-1\"}"},
				{"DeleteService", "{\"Id\":\"srv-1\"}", 0, "{}"}},
			0, "", ""},
	};

	story_play_all(stories, CMAP_COUNT(stories));
}

#define I1                                                                             \
	"{\"Id\":\"i-1\",\"Attributes\":{\"AWS_INSTANCE_IPV4\":\"192.0.2.1\",\"AWS_"   \
	"INSTANCE_IPV6\":"                                                             \
	"\"::1\",\"AWS_INSTANCE_PORT\":\"80\",\"CMAP_LEASE\":\"30s\",\"color\":"       \
	"\"blue\",\"z\":\"1\"},"                                                       \
	"\"LeaseMs\":30000,\"LeaseRemainingMs\":12345}"

Test(calls, list_stories)
{
	static const struct story stories[] = {
		{"list web.prod",
			{FOUND(A5),
				{"Cmap_v1.ListInstances", "{\"ServiceId\":\"srv-1\"}",
					0,
					"{\"Instances\":[" I1 "],\"NextToken\":\"t\"}"},
				{"Cmap_v1.ListInstances",
					"{\"ServiceId\":\"srv-1\",\"NextToken\":\"t\"}",
					0,
					"{\"Instances\":[{\"Id\":\"i-2\","
					"\"Attributes\":{\"AWS_INSTANCE_CNAME\":\"a."
					"b\"}}]}"}},
			0,
			"ID  ADDRESS       PORT LEASE LEFT ATTRIBUTES\n"
			"i-1 192.0.2.1,::1 80   30s   12s  color=blue z=1\n"
			"i-2 a.b           -    -     -    -\n",
			""},
		{"list web.prod",
			{FOUND(A5), {"Cmap_v1.ListInstances", NULL, 0,
					    "{\"Instances\":[]}"}},
			0, "", ""},
		{"list",
			{{"ListNamespaces", "{}", 0,
				 "{\"Namespaces\":[{\"Id\":\"ns-1\",\"Name\":\"prod\"}]"
				 "}"},
				{"ListServices", NULL, 0,
					"{\"Services\":[{\"Id\":\"srv-1\",\"Name\":"
					"\"web\"},{\"Id\":\"srv-2\",\"Name\":"
					"\"gone\"},{\"Id\":\"srv-3\",\"Name\":\"api\"}]"
					"}"},
				{"Cmap_v1.ListInstances", "{\"ServiceId\":\"srv-1\"}",
					0, "{\"Instances\":[" I1 "]}"},
				{"Cmap_v1.ListInstances", NULL, 404,
					"{\"__type\":\"ServiceNotFound\"}"},
				{"Cmap_v1.ListInstances", NULL, 0,
					"{\"Instances\":[]}"}},
			0,
			"SERVICE   ID  ADDRESS       PORT LEASE LEFT ATTRIBUTES\n"
			"web.prod  i-1 192.0.2.1,::1 80   30s   12s  color=blue z=1\n"
			"gone.prod -   -             -    -     -    -\n"
			"api.prod  -   -             -    -     -    -\n",
			""},
		{"discover web.prod --healthy --query color=blue --query z=1 --max 5",
			{FOUND(A5), {"DiscoverInstances",
					    "{\"NamespaceName\":\"prod-x\","
					    "\"ServiceName\":\"web\",\"HealthStatus\":"
					    "\"HEALTHY\",\"MaxResults\":5,"
					    "\"QueryParameters\":{\"color\":\"blue\","
					    "\"z\":\"1\"}}",
					    0,
					    "{\"Instances\":[{\"InstanceId\":\"i-1\","
					    "\"HealthStatus\":\"HEALTHY\","
					    "\"Attributes\":{\"AWS_INSTANCE_IPV4\":"
					    "\"192.0.2.1\",\"color\":\"blue\"}}]}"}},
			0,
			"ID  ADDRESS   PORT HEALTH  ATTRIBUTES\n"
			"i-1 192.0.2.1 -    HEALTHY color=blue\n",
			""},
		{"discover web.prod",
			{FOUND(A5),
				{"DiscoverInstances",
					"{\"NamespaceName\":\"prod-x\",\"ServiceName\":"
					"\"web\",\"MaxResults\":1000}",
					0, "{\"Instances\":[]}"}},
			1, "", "cmapctl: no instance of 'web.prod' matches\n"},
	};

	story_play_all(stories, CMAP_COUNT(stories));
}

#define EXPORT(token) "Cmap_v1.ExportZone", "{\"NamespaceId\":\"ns-1\"" token "}"
#define RECORD_SET(name, type, data)                                                   \
	"{\"Name\":\"" name "\",\"Type\":\"" type "\",\"TTL\":5,\"Data\":[" data "]}"

Test(calls, export_writes_a_zone_file)
{
	static const struct story stories[] = {
		{"export prod",
			{FOUND_PROD,
				{EXPORT(""), 0,
					"{\"RecordSets\":[" RECORD_SET("prod.", "SOA",
						"\"a. b. 1 2 3 4 5\"") "," RECORD_SET("web.prod.",
						"A",
						"\"10.0.0.1\",\"10.0.0.2\"") "],"
									     "\"NextTok"
									     "en\":"
									     "\"t\"}"},
				{EXPORT(",\"NextToken\":\"t\""), 0,
					"{\"RecordSets\":[" RECORD_SET("x.prod.", "TXT",
						"\"\\\"a b\\\"\"") "]}"}},
			0,
			"; prod, as cmapctl " PACKAGE_VERSION " has it from cmapd\n"
			"prod.\t5\tIN\tSOA\ta. b. 1 2 3 4 5\n"
			"web.prod.\t5\tIN\tA\t10.0.0.1\n"
			"web.prod.\t5\tIN\tA\t10.0.0.2\n"
			"x.prod.\t5\tIN\tTXT\t\"a b\"\n"
			"; 4 records, this is the end\n",
			""},
		{"export --json prod",
			{FOUND_PROD,
				{EXPORT(""), 0,
					"{\"RecordSets\":[1],\"NextToken\":\"t\"}"},
				{EXPORT(",\"NextToken\":\"t\""), 0,
					"{\"RecordSets\":[2]}"}},
			0,
			"{\n  \"NamespaceId\": \"ns-1\",\n  \"RecordSets\": [\n"
			"    1,\n    2\n  ]\n}\n",
			""},
		{"export prod",
			{FOUND_PROD,
				{EXPORT(""), 0,
					"{\"RecordSets\":[" RECORD_SET("a.", "A",
						"\"1.2.3.4\"") "],"
							       "\"NextToken\":\"t\"}"},
				{EXPORT(",\"NextToken\":\"t\""), 503,
					"{\"__type\":\"ServiceUnavailable\","
					"\"Message\":\"no.\"}"}},
			75,
			"; prod, as cmapctl " PACKAGE_VERSION " has it from cmapd\n"
			"a.\t5\tIN\tA\t1.2.3.4\n",
			"cmapctl: no.\n"},
		{"export prod",
			{{"Cmap_v1.FindService", "{\"Name\":\"prod\"}", 0,
				"{" NS_HTTP ",\"ServiceName\":\".\"}"}},
			1, "",
			"cmapctl: namespace 'prod' has no DNS, and so no zone\n"},
		{"export", {{NULL, NULL, 0, NULL}}, 64, "",
			"cmapctl: 'export' needs NAMESPACE; see: cmapctl export "
			"--help\n"},
	};

	story_play_all(stories, CMAP_COUNT(stories));
}

Test(calls, status_prints_what_it_never_heard_of)
{
	static const struct story stories[] = {
		{"status",
			{{"Cmap_v1.Status", "{}", 0,
				"{\"Version\":\"0.1.0\",\"UptimeMs\":3723000,\"Store\":"
				"{\"State\":\"ok\"},"
				"\"Listeners\":[\"udp 127.0.0.1:53\",\"tcp "
				"[::1]:53\"],\"Moon\":{\"Phase\":{"
				"\"Full\":true}},\"Ratio\":0.25,\"StartDate\":"
				"1516925490.087,\"None\":null,"
				"\"Empty\":[],\"Zero\":{}}"}},
			0,
			"Version         0.1.0\n"
			"Uptime          1h 2m\n"
			"Store.State     ok\n"
			"Listeners       udp 127.0.0.1:53, tcp [::1]:53\n"
			"Moon.Phase.Full true\n"
			"Ratio           0.25\n"
			"StartDate       2018-01-26T00:11:30Z\n"
			"Empty           -\n",
			""},
		{"status --json",
			{{"Cmap_v1.Status", "{}", 0, "{\"At\":1516925490.087}"}}, 0,
			"{\n  \"At\": 1516925490.087\n}\n", ""},
	};

	story_play_all(stories, CMAP_COUNT(stories));
}

Test(calls, each_failure_has_its_exit_status)
{
	static const struct {
		int http;
		const char *reply;
		int status;
		const char *err;
	} cases[] = {
		{400, "{\"__type\":\"RequestLimitExceeded\",\"Message\":\"slow down\"}",
			75, "slow down"},
		{429, "{\"__type\":\"Throttled\",\"Message\":\"slow down\"}", 75,
			"slow down"},
		{400, "{\"__type\":\"DuplicateRequest\",\"Message\":\"busy\"}", 75,
			"busy"},
		{503,
			"{\"__type\":\"ServiceUnavailable\",\"Message\":\"the store "
			"hangs\"}",
			75, "the store hangs"},
		{500, "{\"__type\":\"InternalFailure\"}", 75, "InternalFailure"},
		{400, "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}", 77,
			"no"},
		{403, "{\"__type\":\"InvalidSignatureException\",\"Message\":\"no\"}",
			77, "no"},
		{400, "{\"__type\":\"OperationNotFound\",\"message\":\"gone\"}", 4,
			"gone"},
		{400, "{\"__type\":\"ResourceNotFoundException\",\"Message\":\"gone\"}",
			4, "gone"},
		{400, "{\"__type\":\"InvalidInput\",\"Message\":\"bad\"}", 1, "bad"},
		{404, "<html>nothing here</html>", 1,
			"HTTP status 404 without the error of an API; is it cmapd that "
			"answers?"},
		{502, "", 75,
			"HTTP status 502 without the error of an API; is it cmapd that "
			"answers?"},
		{200, "[]", 1,
			"the answer to Cmap_v1.Status is no JSON object; is it cmapd "
			"that answers?"},
		{200, "{", 1,
			"the answer to Cmap_v1.Status is no JSON object; is it cmapd "
			"that answers?"},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct fake_call call = {
			"Cmap_v1.Status", "{}", cases[i].http, cases[i].reply};
		char *want = xasprintf("cmapctl: %s\n", cases[i].err);
		struct fake f;
		struct run r;

		fake_start(&f, &call, 1);
		run_line(&r, f.path, "status");
		cr_expect_str_eq(r.err, want, "%zu said: %s", i, r.err);
		cr_expect_eq(r.status, cases[i].status, "%zu ended with %d", i,
			r.status);
		run_free(&r);
		fake_stop(&f);
		free(want);
	}
}

Test(calls, a_connection_closed_without_answer_is_worth_another_try)
{
	static const struct fake_call call = {"Cmap_v1.Status", "{}", 0, NULL};
	struct fake f;
	struct run r;

	fake_start(&f, &call, 1);
	run_line(&r, f.path, "status");
	cr_expect_not_null(strstr(r.err, "closed the connection without an answer; try "
					 "again\n"),
		"%s", r.err);
	cr_expect_eq(r.status, 75);
	run_free(&r);
	fake_stop(&f);
}

Test(calls, a_socket_nobody_listens_on_is_unreachable)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	char dir[] = "/tmp/cmap-ctl-XXXXXX";
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct run r;
	char *want;

	cr_assert_not_null(mkdtemp(dir));
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/s", dir);
	cr_assert_eq(bind(fd, (const struct sockaddr *)&sun, sizeof(sun)), 0);
	run_line(&r, sun.sun_path, "status");
	want = xasprintf("cmapctl: cannot reach cmapd at %s: Connection refused; is "
			 "cmapd running?\n",
		sun.sun_path);
	cr_expect_str_eq(r.err, want, "%s", r.err);
	cr_expect_eq(r.status, 69);
	run_free(&r);
	if (geteuid() != 0) { /* root may everything */
		cr_assert_eq(listen(fd, 1), 0);
		cr_assert_eq(chmod(sun.sun_path, 0), 0);
		run_line(&r, sun.sun_path, "status");
		cr_expect_not_null(strstr(r.err, "not permitted to use"), "%s", r.err);
		cr_expect_eq(r.status, 77);
		run_free(&r);
	}
	close(fd);
	unlink(sun.sun_path);
	rmdir(dir);
	free(want);
}

Test(calls, a_result_that_cannot_be_written_is_a_failure)
{
	static const struct fake_call call = {
		"Cmap_v1.Status", "{}", 0, "{\"Version\":\"0.1.0\"}"};
	char *words[] = {(char[]){"cmapctl"}, (char[]){"status"}, (char[]){"--socket"},
		NULL, NULL};
	struct fake f;
	char *text;
	size_t len;
	FILE *full = fopen("/dev/full", "we");
	FILE *err = open_memstream(&text, &len);
	int status;

	fake_start(&f, &call, 1);
	words[3] = f.path;
	status = ctl_main(4, words, full, err);
	fclose(full);
	fclose(err);
	cr_expect_str_eq(text,
		"cmapctl: cannot write the result: No space left on device\n", "%s",
		text);
	cr_expect_eq(status, 1);
	free(text);
	fake_stop(&f);
}

Test(calls, the_environment_names_the_door)
{
	static const struct fake_call call = {"Cmap_v1.Status", "{}", 0, "{\"Pid\":7}"};
	char *words[] = {(char[]){"cmapctl"}, (char[]){"status"}, NULL};
	struct fake f;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	fake_start(&f, &call, 1);
	unsetenv("CMAP_API");
	setenv("CMAP_SOCKET", f.path, 1);
	cr_expect_eq(ctl_main(2, words, out, stderr), 0);
	unsetenv("CMAP_SOCKET");
	fclose(out);
	cr_expect_str_eq(text, "Pid 7\n", "%s", text);
	free(text);
	fake_stop(&f);
}
