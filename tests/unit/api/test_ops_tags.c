/* SPDX-License-Identifier: MIT */
/* Tags: given at creation, added, replaced, taken away; their form and their number. */
#include "fixture.h"
#include "test.h"

#define ARN              "arn:aws:servicediscovery:us-west-2:123456789012:"
#define T(key, value)    "{'Key':'" key "','Value':'" value "'}"
#define INVALID(message) "400 {\"__type\":\"InvalidInput\",\"Message\":\"" message "\"}"

/* target's input: the ARN of that kind and id, and more. */
static void expect(struct fixture *f, const char *target, const char *kind,
	const char *id, const char *more, const char *answer)
{
	struct buf body = {0};

	buf_printf(&body, "{'ResourceARN':'" ARN "%s/%s'%s}", kind, id, more);
	fixture_expect_ask(f, target, body.data, answer);
	buf_free(&body);
}

#define NS(target, more, answer)  expect(&f, target, "namespace", f.ns_id, more, answer)
#define SRV(target, more, answer) expect(&f, target, "service", f.srv_id, more, answer)

Test(ops_tags, tags_are_added_replaced_and_taken_away)
{
	struct fixture f;
	uint64_t revision;

	fixture_init(&f);
	fixture_fill(&f);
	NS("ListTagsForResource", "", "200 {'Tags':[]}");
	NS("TagResource", ",'Tags':[" T("b", "1") "," T("a", "") "]", "200 {}");
	NS("ListTagsForResource", "", "200 {'Tags':[" T("b", "1") "," T("a", "") "]}");
	NS("TagResource", ",'Tags':[" T("c", "3") "," T("b", "2") "]", "200 {}");
	NS("ListTagsForResource", "",
		"200 {'Tags':[" T("b", "2") "," T("a", "") "," T("c", "3") "]}");
	NS("UntagResource", ",'TagKeys':['a','none','A']", "200 {}");
	NS("ListTagsForResource", "", "200 {'Tags':[" T("b", "2") "," T("c", "3") "]}");
	SRV("ListTagsForResource", "", "200 {'Tags':[]}");
	SRV("TagResource", ",'Tags':[" T("k", "v") "]", "200 {}");
	SRV("ListTagsForResource", "", "200 {'Tags':[" T("k", "v") "]}");
	SRV("UntagResource", ",'TagKeys':['k','k']", "200 {}");
	SRV("ListTagsForResource", "", "200 {'Tags':[]}");
	/* Nothing to change, nothing to store. */
	revision = registry_model(f.registry)->revision;
	NS("TagResource", ",'Tags':[" T("c", "3") "]", "200 {}");
	NS("TagResource", ",'Tags':[]", "200 {}");
	NS("UntagResource", ",'TagKeys':[]", "200 {}");
	NS("UntagResource", ",'TagKeys':['x']", "200 {}");
	cr_expect_eq(registry_model(f.registry)->revision, revision);
	fixture_free(&f);
}

Test(ops_tags, what_is_created_has_its_tags)
{
	struct fixture f;

	fixture_init(&f);
	fixture_ask(&f, "CreatePrivateDnsNamespace",
		"{'Name':'prod','Vpc':'v','Tags':[" T("k", "private") "]}");
	fixture_ask(&f, "ListNamespaces", "{}");
	NS("ListTagsForResource", "", "200 {'Tags':[" T("k", "private") "]}");
	fixture_ask(&f, "CreateService",
		"{'Name':'x','NamespaceId':'NSID','Tags':[" T("s", "1") "]}");
	SRV("ListTagsForResource", "", "200 {'Tags':[" T("s", "1") "]}");
	/* An update leaves them. */
	fixture_ask(&f, "UpdatePrivateDnsNamespace",
		"{'Id':'NSID','Namespace':{'Description':'d'}}");
	fixture_ask(&f, "UpdateService",
		"{'Id':'SRVID','Service':{'Description':'d'}}");
	NS("ListTagsForResource", "", "200 {'Tags':[" T("k", "private") "]}");
	SRV("ListTagsForResource", "", "200 {'Tags':[" T("s", "1") "]}");
	fixture_free(&f);

	fixture_init(&f);
	fixture_ask(&f, "CreatePublicDnsNamespace",
		"{'Name':'a.b','Tags':[" T("k", "public") "]}");
	fixture_ask(&f, "ListNamespaces", "{}");
	NS("ListTagsForResource", "", "200 {'Tags':[" T("k", "public") "]}");
	fixture_free(&f);

	fixture_init(&f);
	fixture_ask(&f, "CreateHttpNamespace",
		"{'Name':'web','Tags':[" T("k", "http") "]}");
	fixture_ask(&f, "ListNamespaces", "{}");
	NS("ListTagsForResource", "", "200 {'Tags':[" T("k", "http") "]}");
	fixture_free(&f);
}

/* A creation asked for again, with other tags, is another one. */
Test(ops_tags, tags_count_when_a_request_is_repeated)
{
#define CREATE(tags) "{'Name':'web','CreatorRequestId':'r','Tags':[" tags "]}"
	struct fixture f;

	fixture_init(&f);
	fixture_ask(&f, "CreateHttpNamespace", CREATE(T("a", "1") "," T("b", "2")));
	fixture_expect_ask(&f, "CreateHttpNamespace",
		CREATE(T("b", "2") "," T("a", "1")), "200 {'OperationId':'op-*'}");
	fixture_expect_ask(&f, "CreateHttpNamespace", CREATE(T("a", "1")),
		"400 {\"__type\":\"NamespaceAlreadyExists\"");
	fixture_free(&f);
}

Test(ops_tags, their_form_is_asked_for_wherever_they_are_given)
{
#define TWICE  "Tags must have each Key only once; 'k' is there twice."
#define AWS(k) "The Key of tag '" k "' must not begin with 'aws:'."
#define FORM(k)                                                                        \
	"Key and Value of tag '" k "' must be made of letters, digits, spaces "        \
	"and + - = . _ : / @."
	static const char *const table[][2] = {
		{T("k", "1") "," T("k", "2"), INVALID(TWICE)},
		{T("aws:x", ""), INVALID(AWS("aws:x"))},
		{T("AwS:", ""), INVALID(AWS("AwS:"))},
		{T("a;b", ""), INVALID(FORM("a;b"))},
		{T("a", "b*"), INVALID(FORM("a"))},
		{T("a", "x\\ty"), INVALID(FORM("a"))},
		{T("a", "x\\ny"), INVALID(FORM("a"))},
		{T("a\\u007f", ""), INVALID(FORM("a\\u007f"))},
	};
	static const char good[] = T("Az 09+-=._:/@", "Az 09+-=._:/@") "," T("aws",
		"") "," T("K", "") "," T("k", "") "," T("Stra\\u00dfe \\u65e5",
		"\\u00fc") "," T("my aws:", "aws:x");
	struct buf body = {0};
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	for (size_t i = 0; i < CMAP_COUNT(table); i++) {
		buf_printf(&body, ",'Tags':[%s]", table[i][0]);
		SRV("TagResource", body.data, table[i][1]);
		buf_free(&body);
		buf_printf(&body, "{'Name':'n','Vpc':'v','Tags':[%s]}", table[i][0]);
		fixture_expect_ask(&f, "CreatePrivateDnsNamespace", body.data,
			table[i][1]);
		fixture_expect_ask(&f, "CreateHttpNamespace", body.data, table[i][1]);
		buf_free(&body);
		buf_printf(&body, "{'Name':'n.n','Tags':[%s]}", table[i][0]);
		fixture_expect_ask(&f, "CreatePublicDnsNamespace", body.data,
			table[i][1]);
		buf_free(&body);
		buf_printf(&body, "{'Name':'n','NamespaceId':'NSID','Tags':[%s]}",
			table[i][0]);
		fixture_expect_ask(&f, "CreateService", body.data, table[i][1]);
		buf_free(&body);
	}
	fixture_expect_ask(&f, "ListServices", "{'MaxResults':2}",
		"200 {'Services':[{'Id':'SRVID'");
	SRV("ListTagsForResource", "", "200 {'Tags':[]}");
	buf_printf(&body, ",'Tags':[%s]", good);
	SRV("TagResource", body.data, "200 {}");
	buf_free(&body);
	SRV("ListTagsForResource", "",
		"200 {'Tags':[" T("Az 09+-=._:/@", "Az 09+-=._:/@") "," T("aws",
			"") "," T("K", "") "," T("k", "") "," T("Stra\xC3\x9F"
								"e \xE6\x97\xA5",
			"\xC3\xBC") "," T("my aws:", "aws:x") "]}");
	fixture_free(&f);
}

/* ",'Tags':[...]" with n of them, numbered from first. */
static void add_tags(struct buf *out, int first, int n)
{
	buf_add_text(out, ",'Tags':[");
	for (int i = first; i < first + n; i++)
		buf_printf(out, "%s{'Key':'k%d','Value':''}", i > first ? "," : "", i);
	buf_add_text(out, "]");
}

Test(ops_tags, a_resource_has_fifty_at_most)
{
#define TOO_MANY(n, name)                                                              \
	"400 {\"__type\":\"TooManyTagsException\",\"Message\":\"A resource can have "  \
	"50 tags; with these it would have " n ".\",\"ResourceName\":\"" name "\"}"
	struct buf tags = {0}, body = {0};
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	add_tags(&tags, 0, 49);
	SRV("TagResource", tags.data, "200 {}");
	buf_free(&tags);
	add_tags(&tags, 49, 2);
	SRV("TagResource", tags.data, TOO_MANY("51", ARN "service/SRVID"));
	buf_free(&tags);
	add_tags(&tags, 48, 2);
	SRV("TagResource", tags.data, "200 {}");
	buf_free(&tags);
	cr_expect_eq(model_service(registry_model(f.registry), f.srv_id)->tags.n, 50u);
	add_tags(&tags, 0, 50);
	SRV("TagResource", tags.data, "200 {}");
	buf_free(&tags);
	add_tags(&tags, 0, 51);
	NS("TagResource", tags.data, TOO_MANY("51", ARN "namespace/NSID"));
	buf_printf(&body, "{'Name':'web'%s}", tags.data);
	fixture_expect_ask(&f, "CreateHttpNamespace", body.data, TOO_MANY("51", "web"));
	buf_free(&body);
	buf_printf(&body, "{'Name':'y','NamespaceId':'NSID'%s}", tags.data);
	fixture_expect_ask(&f, "CreateService", body.data, TOO_MANY("51", "y"));
	buf_free(&body);
	buf_free(&tags);
	add_tags(&tags, 0, 50);
	buf_printf(&body, "{'Name':'web'%s}", tags.data);
	fixture_expect_ask(&f, "CreateHttpNamespace", body.data,
		"200 {'OperationId':'op-*'}");
	buf_free(&body);
	buf_free(&tags);
	fixture_free(&f);
}

Test(ops_tags, an_arn_that_names_nothing_is_not_found)
{
	static const char *const arns[] = {"x", "arn:", "NSID", "SRVID",
		ARN "namespace/ns-none", ARN "service/srv-none", ARN "instance/i",
		"arn:aws:servicediscovery:us-west-2:999999999999:namespace/ns-none",
		"arn:aws:ec2:us-west-2:123456789012:namespace/ns-none"};
	static const char *const targets[][2] = {{"TagResource", ",'Tags':[]"},
		{"UntagResource", ",'TagKeys':[]"}, {"ListTagsForResource", ""}};
	struct buf body = {0}, answer = {0};
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	for (size_t i = 0; i < CMAP_COUNT(arns); i++) {
		for (size_t k = 0; k < CMAP_COUNT(targets); k++) {
			buf_printf(&body, "{'ResourceARN':'%s'%s}", arns[i],
				targets[k][1]);
			buf_printf(&answer,
				"400 {\"__type\":\"ResourceNotFoundException\","
				"\"Message\":\"No namespace or service has the ARN "
				"'%s'.\"}",
				arns[i]);
			fixture_expect_ask(&f, targets[k][0], body.data, answer.data);
			buf_free(&body);
			buf_free(&answer);
		}
	}
	/* Of the wrong kind. */
	expect(&f, "ListTagsForResource", "service", f.ns_id, "",
		"400 {\"__type\":\"ResourceNotFoundException\"");
	expect(&f, "ListTagsForResource", "namespace", f.srv_id, "",
		"400 {\"__type\":\"ResourceNotFoundException\"");
	fixture_free(&f);
}
