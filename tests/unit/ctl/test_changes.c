/* SPDX-License-Identifier: MIT */
/* test_changes.c -- health, tags, attributes, operations, and what is changed in place. */
#include "base/compiler.h"
#include "story.h"

Test(changes, health_stories)
{
	static const struct story stories[] = {
		{"health show web.prod",
			{FOUND(A5),
				{"GetInstancesHealthStatus",
					"{\"ServiceId\":\"srv-1\"}", 0,
					"{\"Status\":{\"i-2\":\"HEALTHY\",\"i-1\":"
					"\"UNHEALTHY\"},\"NextToken\":\"t\"}"},
				{"GetInstancesHealthStatus",
					"{\"ServiceId\":\"srv-1\",\"NextToken\":\"t\"}",
					0, "{\"Status\":{\"i-3\":\"UNKNOWN\"}}"}},
			0, "ID  HEALTH\ni-2 HEALTHY\ni-1 UNHEALTHY\ni-3 UNKNOWN\n", ""},
		{"health show web.prod i-1 i-2 --json",
			{FOUND(A5), {"GetInstancesHealthStatus",
					    "{\"ServiceId\":\"srv-1\",\"Instances\":["
					    "\"i-1\",\"i-2\"]}",
					    0, "{\"Status\":{\"i-1\":\"HEALTHY\"}}"}},
			0, "{\n  \"Status\": {\n    \"i-1\": \"HEALTHY\"\n  }\n}\n",
			""},
		{"health show web.prod",
			{FOUND(A5), {"GetInstancesHealthStatus", NULL, 0,
					    "{\"Status\":{}}"}},
			0, "", ""},
		{"health show web.prod",
			{FOUND(A5),
				{"GetInstancesHealthStatus", NULL, 0, "{\"Stat\":{}}"}},
			1, "", "cmapctl: the answer of cmapd lacks 'Status'\n"},
		{"health show web.prod gone",
			{FOUND(A5), {"GetInstancesHealthStatus", NULL, 400,
					    "{\"__type\":\"InstanceNotFound\","
					    "\"Message\":\"no 'gone'\"}"}},
			4, "", "cmapctl: no 'gone'\n"},
		{"health show web.prod", {FOUND_NO_SERVICE}, 4, "",
			"cmapctl: no service 'web.prod'; make it with: cmapctl "
			"register web.prod --ip ADDR\n"},
		{"health set web.prod unhealthy i-1 healthy i-3",
			{FOUND(A5),
				{"UpdateInstanceCustomHealthStatus",
					"{\"ServiceId\":\"srv-1\",\"Status\":"
					"\"UNHEALTHY\",\"InstanceId\":\"i-1\"}",
					0, "{}"},
				{"UpdateInstanceCustomHealthStatus",
					"{\"ServiceId\":\"srv-1\",\"Status\":"
					"\"UNHEALTHY\",\"InstanceId\":\"healthy\"}",
					400,
					"{\"__type\":\"InstanceNotFound\",\"Message\":"
					"\"m\"}"},
				{"UpdateInstanceCustomHealthStatus",
					"{\"ServiceId\":\"srv-1\",\"Status\":"
					"\"UNHEALTHY\",\"InstanceId\":\"i-3\"}",
					0, "{}"}},
			4, "",
			"cmapctl: no instance 'healthy' in 'web.prod'; see: cmapctl "
			"list web.prod\n"},
		{"health set web.prod healthy i-1 --json",
			{FOUND(A5), {"UpdateInstanceCustomHealthStatus",
					    "{\"ServiceId\":\"srv-1\",\"Status\":"
					    "\"HEALTHY\",\"InstanceId\":\"i-1\"}",
					    0, "{}"}},
			0,
			"{\n  \"Updated\": [\n    {\n      \"InstanceId\": \"i-1\"\n   "
			" }\n  ]\n}\n",
			""},
		{"health set web.prod healthy i-1",
			{FOUND(A5), {"UpdateInstanceCustomHealthStatus", NULL, 400,
					    "{\"__type\":\"CustomHealthNotFound\","
					    "\"Message\":\"m\"}"}},
			1, "",
			"cmapctl: the health of 'web.prod' cannot be told: it was made "
			"without --custom-health\n"},
	};

	story_play_all(stories, CMAP_COUNT(stories));
}

Test(changes, register_says_weight_and_health)
{
	static const struct story stories[] = {
		{"register web.prod --ip 192.0.2.1 --id i-1 --weight 7 --unhealthy",
			{FOUND_NO_SERVICE,
				{"CreateService",
					"{\"NamespaceId\":\"ns-1\",\"Name\":\"web\","
					"\"DnsConfig\":{\"RoutingPolicy\":"
					"\"MULTIVALUE\",\"DnsRecords\":[{\"Type\":"
					"\"A\",\"TTL\":5}]},"
					"\"HealthCheckCustomConfig\":{}}",
					0, "{\"Service\":{\"Id\":\"srv-1\"}}"},
				{"Cmap_v1.FindService", "{\"Name\":\"web.prod\"}", 0,
					"{\"Namespace\":{\"Id\":\"ns-1\",\"Name\":"
					"\"prod\"},\"ServiceName\":\"web\",\"Service\":"
					"{\"Id\":\"srv-1\",\"DnsConfig\":{"
					"\"DnsRecords\":[{\"Type\":\"A\",\"TTL\":5}]},"
					"\"HealthCheckCustomConfig\":{"
					"\"FailureThreshold\":1}}}"},
				{"RegisterInstance",
					"{\"ServiceId\":\"srv-1\",\"InstanceId\":\"i-"
					"1\",\"Attributes\":{\"AWS_INSTANCE_IPV4\":"
					"\"192.0.2.1\",\"CMAP_WEIGHT\":\"7\",\"AWS_"
					"INIT_HEALTH_STATUS\":\"UNHEALTHY\"}}",
					0, "{\"OperationId\":\"op-1\"}"}},
			0, "i-1\n", ""},
		{"register web.prod --ip 192.0.2.1 --unhealthy", {FOUND(A5)}, 1, "",
			"cmapctl: the health of 'web.prod' cannot be told: it was made "
			"without --custom-health\n"},
	};

	story_play_all(stories, CMAP_COUNT(stories));
}

Test(changes, tag_stories)
{
	static const struct story stories[] = {
		{"tag list prod",
			{{"Cmap_v1.FindService", "{\"Name\":\"prod\"}", 0,
				 "{\"Namespace\":{\"Id\":\"ns-1\",\"Name\":\"prod\","
				 "\"Arn\":\"arn:ns-1\"},\"ServiceName\":\".\"}"},
				{"ListTagsForResource",
					"{\"ResourceARN\":\"arn:ns-1\"}", 0,
					"{\"Tags\":[{\"Key\":\"team\",\"Value\":\"a\"},"
					"{\"Key\":\"empty\",\"Value\":\"\"}]}"}},
			0, "KEY   VALUE\nteam  a\nempty -\n", ""},
		{"tag list web.prod --json",
			{{"Cmap_v1.FindService", "{\"Name\":\"web.prod\"}", 0,
				 "{\"Namespace\":{\"Id\":\"ns-1\",\"Name\":\"prod\"},"
				 "\"ServiceName\":\"web\",\"Service\":{\"Id\":\"srv-"
				 "1\",\"Arn\":\"arn:srv-1\"}}"},
				{"ListTagsForResource",
					"{\"ResourceARN\":\"arn:srv-1\"}", 0,
					"{\"Tags\":[]}"}},
			0, "{\n  \"Tags\": []\n}\n", ""},
		{"tag list in.prod",
			{{"Cmap_v1.FindService", "{\"Name\":\"in.prod\"}", 0,
				 "{\"Namespace\":{\"Id\":\"ns-1\",\"Name\":\"in.prod\","
				 "\"Arn\":\"arn:ns-1\"},\"ServiceName\":\".\","
				 "\"Service\":{\"Id\":\"srv-1\",\"Arn\":\"arn:srv-1\"}"
				 "}"},
				{"ListTagsForResource",
					"{\"ResourceARN\":\"arn:ns-1\"}", 0,
					"{\"Tags\":[]}"}},
			0, "", ""},
		{"tag list in.prod --service",
			{{"Cmap_v1.FindService", "{\"Name\":\"in.prod\"}", 0,
				 "{\"Namespace\":{\"Id\":\"ns-1\",\"Name\":\"in.prod\","
				 "\"Arn\":\"arn:ns-1\"},\"ServiceName\":\".\","
				 "\"Service\":{\"Id\":\"srv-1\",\"Arn\":\"arn:srv-1\"}"
				 "}"},
				{"ListTagsForResource",
					"{\"ResourceARN\":\"arn:srv-1\"}", 0,
					"{\"Tags\":[]}"}},
			0, "", ""},
		{"tag list --service in.prod",
			{{"Cmap_v1.FindService", "{\"Name\":\"in.prod\"}", 0,
				"{\"Namespace\":{\"Id\":\"ns-1\",\"Name\":\"in.prod\","
				"\"Arn\":\"arn:ns-1\"},\"ServiceName\":\".\"}"}},
			64, "",
			"cmapctl: 'in.prod' is a namespace; name a service in it: "
			"SERVICE.in.prod\n"},
		{"tag list web.prod", {FOUND_NO_SERVICE}, 4, "",
			"cmapctl: no service 'web.prod'; make it with: cmapctl "
			"register web.prod --ip ADDR\n"},
		{"tag list prod",
			{{"Cmap_v1.FindService", "{\"Name\":\"prod\"}", 400,
				"{\"__type\":\"NamespaceNotFound\",\"Message\":"
				"\"m\"}"}},
			4, "",
			"cmapctl: no namespace holds 'prod'; create it with: cmapctl "
			"namespace create prod\n"},
		{"tag set prod b=1 a=x=y",
			{{"Cmap_v1.FindService", "{\"Name\":\"prod\"}", 0,
				 "{\"Namespace\":{\"Id\":\"ns-1\",\"Name\":\"prod\","
				 "\"Arn\":\"arn:ns-1\"},\"ServiceName\":\".\"}"},
				{"TagResource",
					"{\"ResourceARN\":\"arn:ns-1\",\"Tags\":[{"
					"\"Key\":\"b\",\"Value\":\"1\"},{\"Key\":\"a\","
					"\"Value\":\"x=y\"}]}",
					0, "{}"}},
			0, "", ""},
		{"tag set web.prod b=",
			{{"Cmap_v1.FindService", "{\"Name\":\"web.prod\"}", 0,
				 "{\"Namespace\":{\"Id\":\"ns-1\",\"Name\":\"prod\"},"
				 "\"ServiceName\":\"web\",\"Service\":{\"Id\":\"srv-"
				 "1\",\"Arn\":\"arn:srv-1\"}}"},
				{"TagResource",
					"{\"ResourceARN\":\"arn:srv-1\",\"Tags\":[{"
					"\"Key\":\"b\",\"Value\":\"\"}]}",
					400,
					"{\"__type\":\"TooManyTagsException\","
					"\"Message\":\"Too many.\"}"}},
			1, "", "cmapctl: 'web.prod': Too many.\n"},
		{"tag remove web.prod a b --json",
			{{"Cmap_v1.FindService", "{\"Name\":\"web.prod\"}", 0,
				 "{\"Namespace\":{\"Id\":\"ns-1\",\"Name\":\"prod\"},"
				 "\"ServiceName\":\"web\",\"Service\":{\"Id\":\"srv-"
				 "1\",\"Arn\":\"arn:srv-1\"}}"},
				{"UntagResource",
					"{\"ResourceARN\":\"arn:srv-1\",\"TagKeys\":["
					"\"a\",\"b\"]}",
					0, "{}"}},
			0, "{}\n", ""},
		{"namespace create prod --http --tag a=1",
			{{"CreateHttpNamespace",
				 "{\"Name\":\"prod\",\"Tags\":[{\"Key\":\"a\","
				 "\"Value\":\"1\"}]}",
				 0, "{\"OperationId\":\"op-1\"}"},
				{"GetOperation", NULL, 0,
					"{\"Operation\":{\"Status\":\"SUCCESS\","
					"\"Targets\":{\"NAMESPACE\":\"ns-1\"}}}"}},
			0, "ns-1\n", ""},
		{"service create web.prod --http --tag a=1 --tag b=2",
			{FOUND_NO_SERVICE,
				{"CreateService",
					"{\"NamespaceId\":\"ns-1\",\"Name\":\"web\","
					"\"Type\":\"HTTP\",\"Tags\":[{\"Key\":\"a\","
					"\"Value\":\"1\"},{\"Key\":\"b\",\"Value\":"
					"\"2\"}]}",
					0, "{\"Service\":{\"Id\":\"srv-1\"}}"}},
			0, "srv-1\n", ""},
	};

	story_play_all(stories, CMAP_COUNT(stories));
}

Test(changes, attribute_stories)
{
	static const struct story stories[] = {
		{"attribute list web.prod",
			{FOUND(A5),
				{"GetServiceAttributes", "{\"ServiceId\":\"srv-1\"}", 0,
					"{\"ServiceAttributes\":{\"ServiceArn\":"
					"\"arn\",\"Attributes\":{\"port\":\"80\","
					"\"tab\\t\":\"a\\nb\"}}}"}},
			0, "KEY     VALUE\nport    80\ntab\\x09 a\\x0ab\n", ""},
		{"attribute list web.prod --json",
			{FOUND(A5),
				{"GetServiceAttributes", "{\"ServiceId\":\"srv-1\"}", 0,
					"{\"ServiceAttributes\":{\"Attributes\":{}}}"}},
			0,
			"{\n  \"ServiceAttributes\": {\n    \"Attributes\": {}\n  "
			"}\n}\n",
			""},
		{"attribute list web.prod",
			{FOUND(A5), {"GetServiceAttributes",
					    "{\"ServiceId\":\"srv-1\"}", 0, "{}"}},
			0, "", ""},
		{"attribute set web.prod port=80 path=/a=b",
			{FOUND(A5), {"UpdateServiceAttributes",
					    "{\"ServiceId\":\"srv-1\",\"Attributes\":{"
					    "\"port\":\"80\",\"path\":\"/a=b\"}}",
					    0, "{}"}},
			0, "", ""},
		{"attribute set web.prod a=1",
			{FOUND(A5), {"UpdateServiceAttributes", NULL, 400,
					    "{\"__type\":"
					    "\"ServiceAttributesLimitExceededException"
					    "\",\"Message\":\"30 is all.\"}"}},
			1, "", "cmapctl: 30 is all.\n"},
		{"attribute remove web.prod port path",
			{FOUND(A5), {"DeleteServiceAttributes",
					    "{\"ServiceId\":\"srv-1\",\"Attributes\":["
					    "\"port\",\"path\"]}",
					    0, "{}"}},
			0, "", ""},
		{"attribute remove web.prod port", {FOUND_NO_SERVICE}, 4, "",
			"cmapctl: no service 'web.prod'; make it with: cmapctl "
			"register web.prod --ip ADDR\n"},
	};

	story_play_all(stories, CMAP_COUNT(stories));
}

Test(changes, update_stories)
{
	static const struct story stories[] = {
		{"namespace update prod --soa-ttl 1m",
			{{"Cmap_v1.FindService", "{\"Name\":\"prod\"}", 0,
				 "{\"Namespace\":{\"Id\":\"ns-1\",\"Name\":\"prod\","
				 "\"Type\":\"DNS_PRIVATE\"},\"ServiceName\":\".\"}"},
				{"UpdatePrivateDnsNamespace",
					"{\"Id\":\"ns-1\",\"Namespace\":{"
					"\"Properties\":{\"DnsProperties\":{\"SOA\":{"
					"\"TTL\":60}}}}}",
					0, "{\"OperationId\":\"op-1\"}"}},
			0, "", ""},
		{"namespace update prod --soa-ttl 0 --description x --json",
			{{"Cmap_v1.FindService", "{\"Name\":\"prod\"}", 0,
				 "{\"Namespace\":{\"Id\":\"ns-1\",\"Name\":\"prod\","
				 "\"Type\":\"DNS_PUBLIC\"},\"ServiceName\":\".\"}"},
				{"UpdatePublicDnsNamespace",
					"{\"Id\":\"ns-1\",\"Namespace\":{"
					"\"Description\":\"x\",\"Properties\":{"
					"\"DnsProperties\":{\"SOA\":{\"TTL\":0}}}}}",
					0, "{\"OperationId\":\"op-1\"}"}},
			0, "{\n  \"OperationId\": \"op-1\"\n}\n", ""},
		{"namespace update prod --description=",
			{{"Cmap_v1.FindService", "{\"Name\":\"prod\"}", 0,
				 "{\"Namespace\":{\"Id\":\"ns-1\",\"Name\":\"prod\","
				 "\"Type\":\"HTTP\"},\"ServiceName\":\".\"}"},
				{"UpdateHttpNamespace",
					"{\"Id\":\"ns-1\",\"Namespace\":{"
					"\"Description\":\"\"}}",
					0, "{\"OperationId\":\"op-1\"}"}},
			0, "", ""},
		{"namespace update prod --soa-ttl 1m",
			{{"Cmap_v1.FindService", "{\"Name\":\"prod\"}", 0,
				"{\"Namespace\":{\"Id\":\"ns-1\",\"Name\":\"prod\","
				"\"Type\":\"HTTP\"},\"ServiceName\":\".\"}"}},
			1, "",
			"cmapctl: namespace 'prod' has no DNS, and so no --soa-ttl\n"},
		{"namespace update web.prod --soa-ttl 1m", {FOUND(A5)}, 4, "",
			"cmapctl: no namespace 'web.prod'; create it with: cmapctl "
			"namespace create web.prod\n"},
		{"service update web.prod --ttl 1m --description x",
			{FOUND(A5 "," SRV5),
				{"UpdateService",
					"{\"Id\":\"srv-1\",\"Service\":{"
					"\"Description\":\"x\",\"DnsConfig\":{"
					"\"DnsRecords\":[{\"Type\":\"A\",\"TTL\":60},{"
					"\"Type\":\"SRV\",\"TTL\":60}]}}}",
					0, "{\"OperationId\":\"op-1\"}"}},
			0, "", ""},
		{"service update web.prod --description x --json",
			{FOUND(A5), {"UpdateService",
					    "{\"Id\":\"srv-1\",\"Service\":{"
					    "\"Description\":\"x\",\"DnsConfig\":{"
					    "\"DnsRecords\":[{\"Type\":\"A\",\"TTL\":5}"
					    "]}}}",
					    0, "{\"OperationId\":\"op-1\"}"}},
			0, "{\n  \"OperationId\": \"op-1\"\n}\n", ""},
		{"service update web.prod --ttl 1m", {FOUND("")}, 1, "",
			"cmapctl: service 'web.prod' has no records, and so no "
			"--ttl\n"},
		{"service update web.prod --description x",
			{{FIND, 0, "{" NS_HTTP "," SERVICE("") "}"}}, 1, "",
			"cmapctl: service 'web.prod' is in a namespace without DNS, "
			"where services cannot be updated\n"},
		{"service update web.prod --ttl 1m",
			{FOUND(A5), {"UpdateService", NULL, 400,
					    "{\"__type\":\"ServiceNotFound\","
					    "\"Message\":\"m\"}"}},
			4, "",
			"cmapctl: no service 'web.prod'; make it with: cmapctl "
			"register web.prod --ip ADDR\n"},
	};

	story_play_all(stories, CMAP_COUNT(stories));
}

Test(changes, operation_stories)
{
	static const struct story stories[] = {
		{"operation list --max 2",
			{{"ListOperations", "{}", 0,
				 "{\"Operations\":[{\"Id\":\"op-0\"},{\"Id\":\"op-1\"}]"
				 ",\"NextToken\":\"t\"}"},
				{"ListOperations", "{\"NextToken\":\"t\"}", 0,
					"{\"Operations\":[{\"Id\":\"op-2\"}]}"},
				{"GetOperation", "{\"OperationId\":\"op-1\"}", 0,
					"{\"Operation\":{\"Id\":\"op-1\",\"Type\":"
					"\"CREATE_NAMESPACE\",\"Status\":\"SUCCESS\","
					"\"UpdateDate\":1516925490.087,\"Targets\":{"
					"\"NAMESPACE\":\"ns-1\"}}}"},
				{"GetOperation", "{\"OperationId\":\"op-2\"}", 0,
					"{\"Operation\":{\"Id\":\"op-2\",\"Type\":"
					"\"REGISTER_INSTANCE\",\"Status\":\"SUCCESS\","
					"\"UpdateDate\":1516925490.087,\"Targets\":{"
					"\"INSTANCE\":\"i-1\",\"SERVICE\":\"srv-1\"}}"
					"}"}},
			0,
			"ID   TYPE              STATUS  UPDATED              "
			"TARGETS\nop-1 CREATE_NAMESPACE  SUCCESS 2018-01-26T00:11:30Z "
			"ns-1\nop-2 REGISTER_INSTANCE SUCCESS 2018-01-26T00:11:30Z i-1 "
			"srv-1\n",
			""},
		{"operation list --service web.prod --json",
			{FOUND(A5),
				{"ListOperations",
					"{\"Filters\":[{\"Name\":\"SERVICE_ID\","
					"\"Values\":[\"srv-1\"]}]}",
					0,
					"{\"Operations\":[{\"Id\":\"op-0\"},{\"Id\":"
					"\"op-1\"}]}"},
				{"GetOperation", NULL, 400,
					"{\"__type\":\"OperationNotFound\",\"Message\":"
					"\"m\"}"},
				{"GetOperation", "{\"OperationId\":\"op-1\"}", 0,
					"{\"Operation\":{\"Id\":\"op-1\"}}"}},
			0,
			"{\n  \"Operations\": [\n    {\n      \"Id\": \"op-1\"\n    "
			"}\n  ]\n}\n",
			""},
		{"operation list --namespace prod",
			{FOUND_PROD, {"ListOperations",
					     "{\"Filters\":[{\"Name\":\"NAMESPACE_ID\","
					     "\"Values\":[\"ns-1\"]}]}",
					     0, "{\"Operations\":[]}"}},
			0, "", ""},
		{"operation list",
			{{"ListOperations", "{}", 0,
				 "{\"Operations\":[{\"Id\":\"op-0\"}]}"},
				{"GetOperation", NULL, 503,
					"{\"__type\":\"ServiceUnavailable\","
					"\"Message\":\"no.\"}"}},
			75, "", "cmapctl: no.\n"},
		{"operation show op-1",
			{{"GetOperation", "{\"OperationId\":\"op-1\"}", 0,
				"{\"Operation\":{\"Id\":\"op-1\",\"Type\":\"UPDATE_"
				"SERVICE\",\"Status\":\"SUCCESS\",\"UpdateDate\":"
				"1516925490.087,\"Targets\":{\"SERVICE\":\"srv-1\"}}"
				"}"}},
			0,
			"Id              op-1\nType            UPDATE_SERVICE\nStatus  "
			"        SUCCESS\nUpdateDate      "
			"2018-01-26T00:11:30Z\nTargets.SERVICE srv-1\n",
			""},
		{"operation show op-1",
			{{"GetOperation", NULL, 400,
				"{\"__type\":\"OperationNotFound\",\"Message\":"
				"\"m\"}"}},
			4, "",
			"cmapctl: no operation 'op-1'; see: cmapctl operation list\n"},
		{"operation show op-1", {{"GetOperation", NULL, 0, "{}"}}, 1, "",
			"cmapctl: the answer of cmapd lacks 'Operation'\n"},
		{"operation show op-1 --json",
			{{"GetOperation", NULL, 0,
				"{\"Operation\":{\"Id\":\"op-1\"}}"}},
			0, "{\n  \"Operation\": {\n    \"Id\": \"op-1\"\n  }\n}\n", ""},
	};

	story_play_all(stories, CMAP_COUNT(stories));
}
