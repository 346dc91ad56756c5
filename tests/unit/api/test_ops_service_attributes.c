/* SPDX-License-Identifier: MIT */
/* The attributes of services. */
#include "fixture.h"
#include "test.h"

#define ARN "arn:aws:servicediscovery:us-west-2:123456789012:"
#define HAS(attributes)                                                                \
	"200 {'ServiceAttributes':{'ServiceArn':'" ARN "service/SRVID',"               \
	"'ResourceOwner':'123456789012','Attributes':{" attributes "}}}"
#define GET "GetServiceAttributes", "{'ServiceId':'SRVID'}"
#define PUT(attributes)                                                                \
	"UpdateServiceAttributes", "{'ServiceId':'SRVID','Attributes':{" attributes "}}"
#define REMOVE(keys)                                                                   \
	"DeleteServiceAttributes", "{'ServiceId':'SRVID','Attributes':[" keys "]}"

Test(ops_service_attributes, attributes_are_added_replaced_and_taken_away)
{
	struct fixture f;
	uint64_t revision;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_expect_ask(&f, GET, HAS(""));
	fixture_expect_ask(&f, PUT("'port':'80','Port':''"), "200 {}");
	fixture_expect_ask(&f, GET, HAS("'port':'80','Port':''"));
	fixture_expect_ask(&f, PUT("'new':'1','port':'81'"), "200 {}");
	fixture_expect_ask(&f, GET, HAS("'port':'81','Port':'','new':'1'"));
	fixture_expect_ask(&f, REMOVE("'Port','none','Port'"), "200 {}");
	fixture_expect_ask(&f, GET, HAS("'port':'81','new':'1'"));
	revision = registry_model(f.registry)->revision;
	fixture_expect_ask(&f, PUT("'port':'81'"), "200 {}");
	fixture_expect_ask(&f, REMOVE("'none'"), "200 {}");
	cr_expect_eq(registry_model(f.registry)->revision, revision);
	/* They are not the instances', and an update leaves them. */
	fixture_register(&f, "i-1", "10.0.0.1", NULL);
	fixture_ask(&f, "UpdateService",
		"{'Id':'SRVID','Service':{'Description':'d'}}");
	fixture_expect_ask(&f, GET, HAS("'port':'81','new':'1'"));
	fixture_expect_ask(&f, REMOVE("'port','new'"), "200 {}");
	fixture_expect_ask(&f, GET, HAS(""));
	fixture_free(&f);
}

Test(ops_service_attributes, any_text_is_taken)
{
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_expect(&f, "UpdateServiceAttributes",
		"{\"ServiceId\":\"SRVID\",\"Attributes\":{\"\":\"empty key\",\" a "
		"b\\t\":\"\\n\\\\'\\\"\",\"\\u00fc\":\"\\ud83d\\ude00\"}}",
		"200 {}");
	fixture_expect(&f, "GetServiceAttributes", "{\"ServiceId\":\"SRVID\"}",
		"200 {\"ServiceAttributes\":{\"ServiceArn\":\"" ARN
		"service/SRVID\",\"ResourceOwner\":\"123456789012\",\"Attributes\":{"
		"\"\":\"empty key\",\" a b\\t\":\"\\n\\\\'\\\"\",\"\xC3\xBC\":"
		"\"\xF0\x9F\x98\x80\"}}}");
	fixture_free(&f);
}

static void add_pairs(struct buf *out, int first, int n)
{
	buf_add_text(out, "{'ServiceId':'SRVID','Attributes':{");
	for (int i = first; i < first + n; i++)
		buf_printf(out, "%s'k%d':'v'", i > first ? "," : "", i);
	buf_add_text(out, "}}");
}

static void put(struct fixture *f, int first, int n, const char *answer)
{
	struct buf body = {0};

	add_pairs(&body, first, n);
	fixture_expect_ask(f, "UpdateServiceAttributes", body.data, answer);
	buf_free(&body);
}

Test(ops_service_attributes, a_service_has_thirty_at_most)
{
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	put(&f, 0, 29, "200 {}");
	put(&f, 28, 3,
		"400 {\"__type\":\"ServiceAttributesLimitExceededException\","
		"\"Message\":\"A service can have 30 attributes; with these 'x' would "
		"have 31.\"}");
	put(&f, 28, 2, "200 {}");
	put(&f, 0, 30, "200 {}");
	put(&f, 30, 1, "400 {\"__type\":\"ServiceAttributesLimitExceededException\"");
	fixture_expect_ask(&f, REMOVE("'k0'"), "200 {}");
	put(&f, 30, 1, "200 {}");
	cr_expect_eq(model_service(registry_model(f.registry), f.srv_id)->attributes.n,
		30u);
	fixture_free(&f);
}

Test(ops_service_attributes, a_service_is_named_by_id_or_arn)
{
	struct buf body = {0};
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	buf_printf(&body, "{'ServiceId':'" ARN "service/%s'}", f.srv_id);
	fixture_expect_ask(&f, "GetServiceAttributes", body.data, HAS(""));
	buf_free(&body);
	f.context.region = "eu-central-1";
	fixture_expect_ask(&f, GET,
		"200 {'ServiceAttributes':{'ServiceArn':'arn:aws:servicediscovery:"
		"eu-central-1:123456789012:service/SRVID'");
	fixture_expect_ask(&f, "GetServiceAttributes", "{'ServiceId':'NSID'}",
		"400 {\"__type\":\"ServiceNotFound\",\"Message\":\"No service has the "
		"id 'NSID'.\"}");
	fixture_expect_ask(&f, "UpdateServiceAttributes",
		"{'ServiceId':'srv-none','Attributes':{'a':'b'}}",
		"400 {\"__type\":\"ServiceNotFound\"");
	fixture_expect_ask(&f, "DeleteServiceAttributes",
		"{'ServiceId':'srv-none','Attributes':['a']}",
		"400 {\"__type\":\"ServiceNotFound\"");
	fixture_free(&f);
}
