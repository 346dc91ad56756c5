/* SPDX-License-Identifier: MIT */
/* Requests that are none: each with its exact answer, and nothing changed by any of them. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "test.h"

#define FAULT(type, message) "400 {\"__type\":\"" type "\",\"Message\":\"" message "\"}"
#define UNKNOWN(target)                                                                \
	FAULT("UnknownOperationException",                                             \
		"X-Amz-Target '" target "' names no operation.")
#define NOT_JSON(where, what)                                                          \
	FAULT("SerializationException", "The body is not JSON: " where ": " what ".")
#define WRONG(what) FAULT("SerializationException", what)
#define ONE(what)   FAULT("InvalidInput", "1 validation error detected: Value " what)
#define LIST        "Route53AutoNaming_v20170314.ListNamespaces"
#define REGISTER    "Route53AutoNaming_v20170314.RegisterInstance"
#define CREATE      "Route53AutoNaming_v20170314.CreatePrivateDnsNamespace"

static const struct {
	const char *target, *body, *answer;
} table[] = {
	/* The target. */
	{NULL, "{}",
		FAULT("UnknownOperationException",
			"The request has no header X-Amz-Target, such as "
			"Route53AutoNaming_v20170314.ListNamespaces.")},
	{".", "{}", UNKNOWN(".")},
	{"Route53AutoNaming_v20170314.", "{}", UNKNOWN("Route53AutoNaming_v20170314.")},
	{"Route53AutoNaming_v20170314.listNamespaces", "{}",
		UNKNOWN("Route53AutoNaming_v20170314.listNamespaces")},
	{"route53autonaming_v20170314.ListNamespaces", "{}",
		UNKNOWN("route53autonaming_v20170314.ListNamespaces")},
	{"Route53AutoNaming_v20170314.ListNamespaces.x", "{}",
		UNKNOWN("Route53AutoNaming_v20170314.ListNamespaces.x")},
	{"Route53AutoNaming_v20170314.Status", "{}",
		UNKNOWN("Route53AutoNaming_v20170314.Status")},
	{"Cmap_v1.RegisterInstance", "{}", UNKNOWN("Cmap_v1.RegisterInstance")},
	{"DynamoDB_20120810.ListTables", "{}", UNKNOWN("DynamoDB_20120810.ListTables")},
	{"a.b\x01\xFF\"\\", "{}", UNKNOWN("a.b??\\\"\\\\")},
	{"x."
	 "01234567890123456789012345678901234567890123456789012345678901234567890123456"
	 "78901",
		"{}",
		UNKNOWN("x."
			"01234567890123456789012345678901234567890123456789012345678901"
			"2345678901"
			"234567")},
	/* No JSON. */
	{LIST, " ", NOT_JSON("line 1, column 1", "unexpected token near end of file")},
	{LIST, "x", NOT_JSON("line 1, column 1", "invalid token near 'x'")},
	{LIST, "{",
		NOT_JSON("line 1, column 1",
			"string or '}' expected near end of file")},
	{LIST, "{}}", NOT_JSON("line 1, column 3", "end of file expected near '}'")},
	{LIST, "{} {}", NOT_JSON("line 1, column 4", "end of file expected near '{'")},
	{LIST, "{\"a\"}", NOT_JSON("line 1, column 5", "':' expected near '}'")},
	{LIST, "{\"a\":}", NOT_JSON("line 1, column 6", "unexpected token near '}'")},
	{LIST, "{\"a\":1,}",
		NOT_JSON("line 1, column 8", "string or '}' expected near '}'")},
	{LIST, "{'a':1}",
		NOT_JSON("line 1, column 2", "string or '}' expected near '''")},
	{LIST, "{\"a\":01}", NOT_JSON("line 1, column 6", "invalid token near '0'")},
	{LIST, "{\"a\":1.}", NOT_JSON("line 1, column 7", "invalid token near '1.'")},
	{LIST, "{\"a\":+1}", NOT_JSON("line 1, column 6", "invalid token near '+'")},
	{LIST, "{\"a\":NaN}", NOT_JSON("line 1, column 8", "invalid token near 'NaN'")},
	{LIST, "{\"a\":nul}", NOT_JSON("line 1, column 8", "invalid token near 'nul'")},
	{LIST, "{\"a\":1e999}",
		NOT_JSON("line 1, column 10", "real number overflow near '1e999'")},
	{LIST, "{\"a\":9223372036854775808}",
		NOT_JSON("line 1, column 24",
			"too big integer near '9223372036854775808'")},
	{LIST, "{\"a\":\"x}",
		NOT_JSON("line 1, column 8", "premature end of input near '\\\"x}'")},
	{LIST, "{\"a\":\"\n\"}",
		NOT_JSON("line 1, column 6", "unexpected newline near '\\\"'")},
	{LIST, "{\"a\":\"\\x\"}",
		NOT_JSON("line 1, column 8", "invalid escape near '\\\"\\\\x'")},
	{LIST, "{\"a\":\"\\ud800\"}",
		NOT_JSON("line 1, column 13",
			"invalid Unicode '\\\\uD800' near '\\\"\\\\ud800\\\"'")},
	{LIST, "{\"a\":\"\xFF\"}",
		NOT_JSON("line 1, column 6", "unable to decode byte 0xff near '\\\"'")},
	{LIST, "{\"a\":\"\\u0000\"}",
		NOT_JSON("line 1, column 13", "a string holds the character U+0000")},
	{LIST, "{\"a\\u0000\":1}",
		NOT_JSON("line 1, column 10", "a string holds the character U+0000")},
	/* JSON, but no object. */
	{LIST, "[]", WRONG("the body of a request must be an object, not an array")},
	{LIST, "\"{}\"",
		WRONG("the body of a request must be an object, not a string")},
	{LIST, "1", WRONG("the body of a request must be an object, not a number")},
	{LIST, "null", WRONG("the body of a request must be an object, not null")},
	{LIST, "true", WRONG("the body of a request must be an object, not true")},
	/* Members of the wrong type. */
	{LIST, "{\"MaxResults\":\"10\"}",
		WRONG("'maxResults' must be an integer of 32 bits, not a string")},
	{LIST, "{\"MaxResults\":1.5}",
		WRONG("'maxResults' must be an integer of 32 bits, not a number with a "
		      "fraction")},
	{LIST, "{\"MaxResults\":4294967297}",
		WRONG("'maxResults' must be an integer of 32 bits, not a number")},
	{LIST, "{\"Filters\":{}}", WRONG("'filters' must be an array, not an object")},
	{LIST, "{\"Filters\":[\"x\"]}",
		WRONG("'filters.1.member' must be an object, not a string")},
	{REGISTER, "{\"ServiceId\":\"SRVID\",\"InstanceId\":5,\"Attributes\":{}}",
		WRONG("'instanceId' must be a string, not a number")},
	{REGISTER, "{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i\",\"Attributes\":[]}",
		WRONG("'attributes' must be an object, not an array")},
	{REGISTER,
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i\",\"Attributes\":"
		"{\"AWS_INSTANCE_PORT\":80}}",
		WRONG("'attributes.AWS_INSTANCE_PORT.member' must be a string, not a "
		      "number")},
	{CREATE, "{\"Name\":{\"a\":1},\"Vpc\":\"v\"}",
		WRONG("'name' must be a string, not an object")},
	{CREATE, "{\"Name\":\"a\",\"Vpc\":\"v\",\"Tags\":{\"k\":\"v\"}}",
		WRONG("'tags' must be an array, not an object")},
	{CREATE,
		"{\"Name\":\"a\",\"Vpc\":\"v\",\"Properties\":{\"DnsProperties\":{"
		"\"SOA\":{\"TTL\":\"5\"}}}}",
		WRONG("'properties.dnsProperties.sOA.tTL' must be an integer, not a "
		      "string")},
	/* Members that are missing, or not of the form asked for. */
	{CREATE, "{}",
		FAULT("InvalidInput", "2 validation errors detected: Value null at "
				      "'name' failed to satisfy constraint: "
				      "Member must not be null; Value null at 'vpc' "
				      "failed to satisfy constraint: "
				      "Member must not be null")},
	{CREATE, "{\"Name\":null,\"Vpc\":\"v\"}",
		ONE("null at 'name' failed to satisfy constraint: Member must not be "
		    "null")},
	{CREATE, "{\"Name\":\"\",\"Vpc\":\"v\"}",
		ONE("'' at 'name' failed to satisfy constraint: Member must satisfy "
		    "regular "
		    "expression pattern: ^(?!arn:)[!-~]{1,253}$")},
	{CREATE, "{\"Name\":\"a' OR 'b\",\"Vpc\":\"v\"}",
		ONE("'a' OR 'b' at 'name' failed to satisfy constraint: Member must "
		    "satisfy regular "
		    "expression pattern: ^(?!arn:)[!-~]{1,253}$")},
	{CREATE,
		"{\"Name\":\"b\xC3\xBC"
		"cher\",\"Vpc\":\"v\"}",
		ONE("'b\xC3\xBC"
		    "cher' at 'name' failed to satisfy constraint: Member must satisfy "
		    "regular expression pattern: ^(?!arn:)[!-~]{1,253}$")},
	{CREATE, "{\"Name\":\"a..b\",\"Vpc\":\"v\"}",
		FAULT("InvalidInput",
			"Name 'a..b' must be a domain name: labels of 1 to 63 "
			"characters between dots, without backslashes.")},
	{REGISTER,
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i\",\"Attributes\":{\"k\":"
		"null}}",
		ONE("null at 'attributes.k.member' failed to satisfy constraint: "
		    "Member must not be "
		    "null")},
	{REGISTER, "{\"ServiceId\":\"SRVID\",\"InstanceId\":\"\",\"Attributes\":{}}",
		ONE("'' at 'instanceId' failed to satisfy constraint: Member must "
		    "satisfy regular "
		    "expression pattern: ^[0-9a-zA-Z_/:.@-]+$")},
	{REGISTER,
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i\",\"Attributes\":{\"k\":"
		"\"a\\nb\"}}",
		ONE("'a\\nb' at 'attributes.k.member' failed to satisfy constraint: "
		    "Member must "
		    "satisfy regular expression pattern: "
		    "^([a-zA-Z0-9!-~][ \\\\ta-zA-Z0-9!-~]*){0,1}[a-zA-Z0-9!-~]{0,1}$")},
	{"Cmap_v1.RenewLeases", "{\"Leases\":[null]}",
		ONE("null at 'leases.1.member' failed to satisfy constraint: Member "
		    "must not be "
		    "null")},
	{"Cmap_v1.Status", "[{}]",
		WRONG("the body of a request must be an object, not an array")},
};

_Static_assert(CMAP_COUNT(table) >= 40, "at least 40 of them");

Test(malformed, requests_get_the_right_error_and_change_nothing)
{
	struct fixture f;
	uint64_t commits;

	fixture_init(&f);
	fixture_fill(&f);
	commits = store_mem_commits(f.store);
	for (size_t i = 0; i < CMAP_COUNT(table); i++)
		fixture_expect(&f, table[i].target, table[i].body, table[i].answer);
	cr_assert_eq(store_mem_commits(f.store), commits);
	fixture_free(&f);
}

static const char *call_nested(struct fixture *f, int depth, char open, char close)
{
	struct buf body = {0};
	const char *answer;

	buf_add_text(&body, "{\"x\":");
	for (int i = 1; i < depth; i++)
		buf_add_text(&body, open == '{' ? "{\"x\":" : "[");
	buf_add_text(&body, "1");
	for (int i = 1; i < depth; i++)
		buf_add(&body, &close, 1);
	buf_add_text(&body, "}");
	answer = fixture_call(f, LIST, body.data);
	buf_free(&body);
	return answer;
}

Test(malformed, nesting_is_bounded_at_32)
{
#define BRACKETS "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	static const char refused[] = FAULT("SerializationException",
		"The body nests objects and arrays deeper than 32.");
	struct fixture f;

	fixture_init(&f);
	cr_expect_str_eq(call_nested(&f, 31, '[', ']'), "200 {\"Namespaces\":[]}");
	cr_expect_str_eq(call_nested(&f, 32, '[', ']'), "200 {\"Namespaces\":[]}");
	cr_expect_str_eq(call_nested(&f, 33, '[', ']'), refused);
	cr_expect_str_eq(call_nested(&f, 32, '{', '}'), "200 {\"Namespaces\":[]}");
	cr_expect_str_eq(call_nested(&f, 33, '{', '}'), refused);
	cr_expect_str_eq(call_nested(&f, 10000, '[', ']'), refused);
	/* Brackets in strings do not nest, whatever stands before them. */
	fixture_expect(&f, LIST, "{\"x\":\"" BRACKETS "\\\"" BRACKETS "\\\\\"}",
		"200 {\"Namespaces\":[]}");
	fixture_expect(&f, LIST, "{\"x\":\"\\\\\",\"y\":" BRACKETS "}", refused);
	fixture_free(&f);
}

Test(malformed, an_octet_zero_ends_no_body)
{
	static const char body[] = "{}\0{}";
	struct fixture f;

	fixture_init(&f);
	cr_expect_str_eq(fixture_call_bytes(&f, LIST, body, 5),
		NOT_JSON("line 1, column 3", "end of file expected near end of file"));
	fixture_free(&f);
}
