/* SPDX-License-Identifier: MIT */
/* AWS's published examples, and what is said of each thing that can be wrong. */
#include <stdio.h>
#include <string.h>

#include "api/sigv4.h"
#include "base/error.h"
#include "test.h"

#define KEY_ID "AKIDEXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define NOW_MS INT64_C(1440938160000) /* 2015-08-30 12:36:00 UTC */
#define EMPTY  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct sigv4_text text(const char *s)
{
	return (struct sigv4_text){s, strlen(s)};
}

/* ---- the steps ---- */

/* General Reference, "Examples of the derivation of a signing key": IAM's ListUsers. */
Test(sigv4, signs_the_example_of_the_reference)
{
	static const char *const hex_key =
		"c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9";
	const struct sigv4_header headers[] = {
		{text("Content-Type"),
			text("application/x-www-form-urlencoded; charset=utf-8")},
		{text("Host"), text("iam.amazonaws.com")},
		{text("X-Amz-Date"), text("20150830T123600Z")}};
	const struct sigv4_request r = {.method = "GET",
		.target = "/?Action=ListUsers&Version=2010-05-08",
		.headers = headers,
		.n_headers = 3};
	struct buf canonical = {0}, to_sign = {0}, hex = {0};
	char payload[SIGV4_HEX_LEN + 1], signature[SIGV4_HEX_LEN + 1];
	uint8_t key[SIGV4_HASH_LEN];

	cr_assert_eq(sigv4_hash(NULL, 0, payload), CMAP_OK);
	cr_expect_str_eq(payload, EMPTY);
	sigv4_canonical_request(&r, text("content-type;host;x-amz-date"), payload,
		&canonical);
	cr_expect_str_eq(buf_text(&canonical),
		"GET\n/\nAction=ListUsers&Version=2010-05-08\n"
		"content-type:application/x-www-form-urlencoded; charset=utf-8\n"
		"host:iam.amazonaws.com\nx-amz-date:20150830T123600Z\n\n"
		"content-type;host;x-amz-date\n" EMPTY);
	cr_assert_eq(sigv4_string_to_sign("20150830T123600Z",
			     text("20150830/us-east-1/iam/aws4_request"), &canonical,
			     &to_sign),
		CMAP_OK);
	cr_expect_str_eq(buf_text(&to_sign),
		"AWS4-HMAC-SHA256\n20150830T123600Z\n"
		"20150830/us-east-1/iam/aws4_request\n"
		"f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
	cr_assert_eq(sigv4_signing_key(SECRET, text("20150830"), text("us-east-1"),
			     text("iam"), key),
		CMAP_OK);
	for (size_t i = 0; i < sizeof(key); i++)
		buf_printf(&hex, "%02x", key[i]);
	cr_expect_str_eq(buf_text(&hex), hex_key);
	cr_assert_eq(sigv4_sign(key, &to_sign, signature), CMAP_OK);
	cr_expect_str_eq(signature,
		"5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
	buf_free(&canonical);
	buf_free(&to_sign);
	buf_free(&hex);
}

/* The first lines of a canonical request, without its headers. */
static void expect_target(const char *target, const char *path, const char *query)
{
	const struct sigv4_request r = {.method = "GET", .target = target};
	struct buf out = {0}, want = {0};

	sigv4_canonical_request(&r, text(""), "P", &out);
	buf_printf(&want, "GET\n%s\n%s\n:\n\n\nP", path, query);
	cr_expect_str_eq(buf_text(&out), buf_text(&want), "%s gave\n%s", target,
		buf_text(&out));
	buf_free(&out);
	buf_free(&want);
}

Test(sigv4, normalizes_a_path_and_encodes_it_once_more)
{
	expect_target("/", "/", "");
	expect_target("", "/", "");
	expect_target("?a=b", "/", "a=b");
	expect_target("//", "/", "");
	expect_target("/./", "/", "");
	expect_target("/./foo", "/foo", "");
	expect_target("/foo/..", "/", "");
	expect_target("/../../a", "/a", "");
	expect_target("/example1/example2/../..", "/", "");
	expect_target("//example//", "/example/", "");
	expect_target("/a/b/../c/.", "/a/c", "");
	expect_target("*", "%2A", "");
	expect_target("/example%20space/", "/example%2520space/", "");
	expect_target("/%E1%88%B4", "/%25E1%2588%25B4", "");
	expect_target("/%2525", "/%252525", "");
	expect_target("/\xe1\x88\xb4", "/%E1%88%B4", "");
	expect_target("/-._~0azAZ", "/-._~0azAZ", "");
	expect_target("/a:b@c", "/a%3Ab%40c", "");
}

Test(sigv4, sorts_a_query_and_encodes_it_in_one_way)
{
	expect_target("/?", "/", "");
	expect_target("/?Param2=value2&Param1=value1", "/",
		"Param1=value1&Param2=value2");
	expect_target("/?a", "/", "a=");
	expect_target("/?a=", "/", "a=");
	expect_target("/?a=&a", "/", "a=&a=");
	expect_target("/?b=2&b=1&b&a=3", "/", "a=3&b=&b=1&b=2");
	expect_target("/?a=1&A=2&aa=0", "/", "A=2&a=1&aa=0");
	expect_target("/?a=b=c", "/", "a=b%3Dc");
	expect_target("/?a=%2f%7e%41", "/", "a=%2F~A");
	expect_target("/?a=/~+", "/", "a=%2F~%2B");
	expect_target("/?a=%&b=%2&c=%zz", "/", "a=%25&b=%252&c=%25zz");
	expect_target("/?a=b&", "/", "=&a=b");
	expect_target("/?&&", "/", "=&=&=");
	expect_target("/?\xe1\x88\xb4=bar", "/", "%E1%88%B4=bar");
	expect_target("/?a=?&b=#", "/", "a=%3F&b=%23");
	/* By the key alone first: '=' would come before '-' that follows it. */
	expect_target("/?a-=1&a=2", "/", "a=2&a-=1");
}

static void expect_headers(const struct sigv4_header *headers, size_t n,
	const char *names, const char *want)
{
	const struct sigv4_request r = {
		.method = "M", .target = "/", .headers = headers, .n_headers = n};
	struct buf out = {0}, all = {0};

	sigv4_canonical_request(&r, text(names), "P", &out);
	buf_printf(&all, "M\n/\n\n%s\n%s\nP", want, names);
	cr_expect_str_eq(buf_text(&out), buf_text(&all), "%s", buf_text(&out));
	buf_free(&out);
	buf_free(&all);
}

Test(sigv4, trims_values_and_joins_those_of_repeated_headers)
{
	const struct sigv4_header headers[] = {{text("My-Header1"), text(" value4 ")},
		{text("HOST"), text("h")}, {text("my-header1"), text("value1")},
		{text("My-Header2"), text("\t \"a   b   c\" \t")},
		{text("My-Header3"), text("folded\r\n  to\r\n\tthree")},
		{text("Empty"), text("")}, {text("My-Header1"), text("")},
		{text("Empty-2"), text(" \t ")}, {text("My-Header1"), text("a\t b")}};
	const size_t n = CMAP_COUNT(headers);

	expect_headers(headers, n, "my-header1", "my-header1:value4,value1,,a b\n");
	expect_headers(headers, n, "my-header2", "my-header2:\"a b c\"\n");
	expect_headers(headers, n, "my-header3", "my-header3:folded to three\n");
	expect_headers(headers, n, "empty;empty-2;host", "empty:\nempty-2:\nhost:h\n");
	expect_headers(headers, n, "my-header", "my-header:\n");
}

/* ---- the whole ---- */

struct example {
	struct access_keys *keys;
	struct sigv4_header headers[12];
	struct sigv4_request request;
	struct sigv4_rules rules;
	struct sigv4_refusal why;
	char value[500];
};

static void header_set(struct example *e, size_t i, const char *name, const char *value)
{
	e->headers[i] = (struct sigv4_header){text(name), text(value)};
	if (i >= e->request.n_headers)
		e->request.n_headers = i + 1;
}

enum { HOST, DATE, AUTHORIZATION, OTHER };

static void authorize(struct example *e, const char *value)
{
	header_set(e, AUTHORIZATION, "Authorization", value);
}

#define CREDENTIAL "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
#define VANILLA    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"

/* "get-vanilla" of AWS's test suite. */
static void example_init(struct example *e)
{
	static const char file[] = "other 0123456789abcdef\n" KEY_ID " " SECRET "\n";

	memset(e, 0, sizeof(*e));
	cr_assert_eq(access_keys_parse("f", file, strlen(file), &e->keys,
			     &e->why.message),
		CMAP_OK);
	e->request = (struct sigv4_request){
		.method = "GET", .target = "/", .headers = e->headers};
	e->rules = (struct sigv4_rules){
		.keys = e->keys, .service = "service", .now_ms = NOW_MS};
	header_set(e, HOST, "Host", "example.amazonaws.com");
	header_set(e, DATE, "X-Amz-Date", "20150830T123600Z");
	authorize(e, "AWS4-HMAC-SHA256 " CREDENTIAL
		     ", SignedHeaders=host;x-amz-date, Signature=" VANILLA);
}

static void example_free(struct example *e)
{
	access_keys_free(e->keys);
	buf_free(&e->why.message);
}

/* why: "Type: message", or NULL if the signature is good. */
static void expect(struct example *e, const char *why)
{
	int err = sigv4_verify(&e->request, &e->rules, &e->why);
	struct buf got = {0};

	if (err != CMAP_OK)
		buf_printf(&got, "%s: %s", e->why.type, buf_text(&e->why.message));
	cr_expect_eq(err, why ? CMAP_E_INVALID : CMAP_OK);
	cr_expect_str_eq(buf_text(&got), why ? why : "", "got %s", buf_text(&got));
	buf_free(&e->why.message);
	buf_free(&got);
}

#define MISMATCH                                                                       \
	"InvalidSignatureException: The request signature we calculated does not "     \
	"match the signature you provided. Check your AWS Secret Access Key and "      \
	"signing method."
#define UNKNOWN                                                                        \
	"UnrecognizedClientException: The security token included in the request is "  \
	"invalid: this server does not know the access key id. Use one that stands "   \
	"in its file of access_keys."

static void sign_as(struct example *e, const char *names, const char *signature)
{
	snprintf(e->value, sizeof(e->value),
		"AWS4-HMAC-SHA256 " CREDENTIAL ", SignedHeaders=%s, Signature=%s",
		names, signature);
	authorize(e, e->value);
}

/* Their signatures, under names of AWS's own. */
Test(sigv4, verifies_the_test_suite)
{
	struct example e;

	example_init(&e);
	expect(&e, NULL);
	e.request.target = "/example1/example2/../..";
	expect(&e, NULL);
	e.request.method = "POST";
	e.request.target = "/";
	sign_as(&e, "host;x-amz-date",
		"5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
	expect(&e, NULL);
	e.request.method = "GET";
	e.request.target = "/?Param2=value2&Param1=value1";
	sign_as(&e, "host;x-amz-date",
		"b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
	expect(&e, NULL);
	e.request.target = "//example//";
	sign_as(&e, "host;x-amz-date",
		"9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84");
	expect(&e, NULL);
	e.request.target = "/";
	header_set(&e, OTHER, "My-Header1", "value2");
	header_set(&e, OTHER + 1, "My-Header1", "value2");
	header_set(&e, OTHER + 2, "My-Header1", "value1");
	sign_as(&e, "host;my-header1;x-amz-date",
		"c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea");
	expect(&e, NULL);
	example_free(&e);
}

Test(sigv4, takes_the_parameters_in_any_order_and_with_any_blanks)
{
	struct example e;

	example_init(&e);
	authorize(&e, " AWS4-HMAC-SHA256  Signature=" VANILLA
		      ",SignedHeaders=host;x-amz-date ,\t" CREDENTIAL " ");
	expect(&e, NULL);
	example_free(&e);
}

Test(sigv4, refuses_another_key_secret_or_body)
{
	struct example e;

	example_init(&e);
	e.request.body = "x";
	e.request.body_len = 1;
	expect(&e, MISMATCH);
	e.request.body_len = 0;
	e.request.method = "get";
	expect(&e, MISMATCH);
	e.request.method = "GET";
	sign_as(&e, "host;x-amz-date",
		"5FA00FA31553B73EBF1942676E86291E8372FF2A2260956D9B8AAE1D763FBF31");
	expect(&e, MISMATCH);
	sign_as(&e, "host;x-amz-date", "5fa00fa3");
	expect(&e, MISMATCH);
	sign_as(&e, "host;x-amz-date", VANILLA "0");
	expect(&e, MISMATCH);
	authorize(&e,
		"AWS4-HMAC-SHA256 Credential=other/20150830/us-east-1/service/"
		"aws4_request, SignedHeaders=host;x-amz-date, Signature=" VANILLA);
	expect(&e, MISMATCH);
	authorize(&e, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPL/20150830/us-east-1/"
		      "service/aws4_request, SignedHeaders=host;x-amz-date, "
		      "Signature=" VANILLA);
	expect(&e, UNKNOWN);
	example_free(&e);
}

#define MISSING                                                                        \
	"MissingAuthenticationTokenException: Missing Authentication Token: the "      \
	"request is not signed. Give the client an access key id and a secret that "   \
	"this server knows, or use the server's Unix socket."
#define PARTS                                                                          \
	"It must be: AWS4-HMAC-SHA256 Credential=KEYID/YYYYMMDD/REGION/"               \
	"servicediscovery/aws4_request, SignedHeaders=NAME;NAME..., Signature=64 "     \
	"hexadecimal digits."
#define ALGORITHM                                                                      \
	"IncompleteSignatureException: The Authorization header must begin with "      \
	"'AWS4-HMAC-SHA256': this server knows AWS Signature Version 4 only."
#define NO_PAIR                                                                        \
	"IncompleteSignatureException: The parameters of the Authorization header "    \
	"must be Credential, SignedHeaders and Signature, each once, as Name=value "   \
	"with commas between."
#define FIVE                                                                           \
	"IncompleteSignatureException: Credential must have exactly 5 "                \
	"slash-delimited elements: KEYID/YYYYMMDD/REGION/servicediscovery/"            \
	"aws4_request."
#define SORTED                                                                         \
	"IncompleteSignatureException: SignedHeaders must name headers in lower case " \
	"and alphabetical order, each once, with semicolons between."
#define V4   "AWS4-HMAC-SHA256 "
#define REST ", SignedHeaders=host;x-amz-date, Signature=" VANILLA

Test(sigv4, says_what_is_wrong_with_an_authorization)
{
	static const struct {
		const char *value, *why;
	} cases[] = {
		{"Bearer abc", ALGORITHM},
		{"", ALGORITHM},
		{"AWS4-HMAC-SHA512 " CREDENTIAL REST, ALGORITHM},
		{"aws4-hmac-sha256 " CREDENTIAL REST, ALGORITHM},
		{"AWS4-HMAC-SHA256\t" CREDENTIAL REST, ALGORITHM},
		{"AWS4-HMAC-SHA256",
			"IncompleteSignatureException: Authorization header requires "
			"'Credential' parameter. Authorization header requires "
			"'Signature' parameter. Authorization header requires "
			"'SignedHeaders' parameter. " PARTS},
		{V4 CREDENTIAL,
			"IncompleteSignatureException: Authorization header requires "
			"'Signature' parameter. Authorization header requires "
			"'SignedHeaders' parameter. " PARTS},
		{V4 CREDENTIAL ", SignedHeaders=host",
			"IncompleteSignatureException: Authorization header requires "
			"'Signature' parameter. " PARTS},
		{V4 CREDENTIAL REST ", Extra=1", NO_PAIR},
		{V4 CREDENTIAL REST ",", NO_PAIR},
		{V4 CREDENTIAL ", " CREDENTIAL REST, NO_PAIR},
		{V4 CREDENTIAL REST ", Signature=" VANILLA, NO_PAIR},
		{V4 CREDENTIAL ", SignedHeaders=, Signature=" VANILLA, NO_PAIR},
		{V4 CREDENTIAL ", SignedHeaders, Signature=" VANILLA, NO_PAIR},
		{V4 "credential=a/20150830/r/s/aws4_request" REST, NO_PAIR},
		{V4 "Credential=" REST, NO_PAIR},
		{V4 "Credential=AKIDEXAMPLE" REST, FIVE},
		{V4 "Credential=a/20150830/us-east-1/service" REST, FIVE},
		{V4 "Credential=a/20150830/us-east-1/service/aws4_request/" REST, FIVE},
		{V4 "Credential=/20150830/us-east-1/service/aws4_request" REST, FIVE},
		{V4 "Credential=a/20150830//service/aws4_request" REST, FIVE},
		{V4 CREDENTIAL ", SignedHeaders=x-amz-date;host, Signature=0", SORTED},
		{V4 CREDENTIAL ", SignedHeaders=host;host, Signature=0", SORTED},
		{V4 CREDENTIAL ", SignedHeaders=Host;x-amz-date, Signature=0", SORTED},
		{V4 CREDENTIAL ", SignedHeaders=host;, Signature=0", SORTED},
		{V4 CREDENTIAL ", SignedHeaders=hosts;host, Signature=0", SORTED},
	};
	struct example e;

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		example_init(&e);
		authorize(&e, cases[i].value);
		expect(&e, cases[i].why);
		example_free(&e);
	}
	example_init(&e);
	e.request.n_headers = AUTHORIZATION;
	expect(&e, MISSING);
	authorize(&e, V4 CREDENTIAL REST);
	header_set(&e, OTHER, "authorization", e.headers[AUTHORIZATION].value.at);
	expect(&e, "IncompleteSignatureException: There is more than one Authorization "
		   "header.");
	example_free(&e);
}

Test(sigv4, says_what_is_wrong_with_a_scope)
{
	static const struct {
		const char *credential, *why;
	} cases[] = {
		{"a/20150830/us-east-1/service/aws5_request",
			"InvalidSignatureException: Credential should be scoped with a "
			"valid terminator: 'aws4_request', not 'aws5_request'."},
		{"a/20150830/us-east-1/sdb/aws4_request",
			"InvalidSignatureException: Credential should be scoped to "
			"correct service: 'service'; set that as the name of the "
			"service in the client."},
		{"a/20150830/US/service/aws4_request",
			"InvalidSignatureException: Credential should be scoped to a "
			"valid region, not 'US': lower-case letters, digits and '-'."},
		{"a/20150830/abcdefghijabcdefghijabcdefghij123/service/aws4_request",
			"InvalidSignatureException: Credential should be scoped to a "
			"valid region, not 'abcdefghijabcdefghijabcdefghij123': "
			"lower-case letters, digits and '-'."},
		{"a/20150831/us-east-1/service/aws4_request",
			"InvalidSignatureException: Date in Credential scope does not "
			"match YYYYMMDD from the date of the request: '20150831'."},
		{"a/2015083/us-east-1/service/aws4_request",
			"InvalidSignatureException: Date in Credential scope does not "
			"match YYYYMMDD from the date of the request: '2015083'."},
		{"a/20150830/us-east-1/service/aws4_request", UNKNOWN},
		{"a/20150830/abcdefghijabcdefghijabcdefghij12/service/aws4_request",
			UNKNOWN},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct example e;

		example_init(&e);
		snprintf(e.value, sizeof(e.value), V4 "Credential=%s" REST,
			cases[i].credential);
		authorize(&e, e.value);
		expect(&e, cases[i].why);
		example_free(&e);
	}
}

#define HEADERS_OF(name)                                                               \
	"InvalidSignatureException: The header '" name                                 \
	"' must be one of SignedHeaders in the Authorization header, as all X-Amz- "   \
	"headers must."

Test(sigv4, wants_signed_what_decides)
{
	struct example e;

	example_init(&e);
	sign_as(&e, "x-amz-date", VANILLA);
	expect(&e, "InvalidSignatureException: 'Host' must be one of SignedHeaders in "
		   "the Authorization header.");
	sign_as(&e, "host", VANILLA);
	expect(&e, "InvalidSignatureException: 'X-Amz-Date' must be one of "
		   "SignedHeaders in the Authorization header.");
	sign_as(&e, "host;x-amz-date;x-note", VANILLA);
	expect(&e, "InvalidSignatureException: The header 'x-note' is one of "
		   "SignedHeaders, but the request does not have it: something between "
		   "client and server took it out.");
	sign_as(&e, "host;x-amz-date", VANILLA);
	header_set(&e, OTHER, "x-amz-TARGET", "Route53AutoNaming_v20170314.X");
	expect(&e, HEADERS_OF("x-amz-TARGET"));
	header_set(&e, OTHER, "X-Amz-Security-Token", "t");
	expect(&e, HEADERS_OF("X-Amz-Security-Token"));
	/* Others may come along: proxies add them. */
	header_set(&e, OTHER, "X-Amzn-Trace-Id", "t");
	header_set(&e, OTHER + 1, "Via", "1.1 p");
	expect(&e, NULL);
	example_free(&e);
}

#define CONTENT(hash)                                                                  \
	"InvalidSignatureException: X-Amz-Content-Sha256 must be the SHA-256 of the "  \
	"body in lower-case hexadecimal digits, not '" hash                            \
	"': bodies must be signed, in one piece."

Test(sigv4, wants_the_hash_of_the_body_if_there_is_one)
{
	struct example e;

	example_init(&e);
	sign_as(&e, "host;x-amz-content-sha256;x-amz-date", VANILLA);
	header_set(&e, OTHER, "X-Amz-Content-Sha256", " " EMPTY " ");
	expect(&e, MISMATCH);
	header_set(&e, OTHER, "X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD");
	expect(&e, CONTENT("UNSIGNED-PAYLOAD"));
	header_set(&e, OTHER, "X-Amz-Content-Sha256", "");
	expect(&e, CONTENT(""));
	header_set(&e, OTHER, "X-Amz-Content-Sha256", EMPTY "\x01'" EMPTY);
	expect(&e, CONTENT(EMPTY "..."));
	example_free(&e);
}

#define BASIC                                                                          \
	"IncompleteSignatureException: Date must be in ISO-8601 'basic format', such " \
	"as 20150830T123600Z. Got '"

Test(sigv4, reads_no_date_that_is_none)
{
	static const char *const bad[] = {"", "20150830", "20150830T123600",
		"20150830T123600z", "20150830 123600Z", "2015083xT123600Z",
		"20150230T123600Z", "20151330T123600Z", "20150830T243600Z",
		"20150830T126000Z", "20150830T123661Z", "20150830T123600Z0",
		"Sun, 30 Aug 2015 12:36:00 GMT"};
	struct example e;
	struct buf why = {0};

	for (size_t i = 0; i < CMAP_COUNT(bad); i++) {
		example_init(&e);
		header_set(&e, DATE, "X-Amz-Date", bad[i]);
		buf_printf(&why, BASIC "%s'.", bad[i]);
		expect(&e, buf_text(&why));
		buf_free(&why);
		example_free(&e);
	}
	example_init(&e);
	header_set(&e, OTHER, "x-amz-date", "20150830T123600Z");
	expect(&e, "IncompleteSignatureException: There is more than one header "
		   "'X-Amz-Date'.");
	header_set(&e, OTHER, "X-Note", "");
	header_set(&e, DATE, "X-Note", "");
	expect(&e,
		"IncompleteSignatureException: Authorization header requires existence "
		"of either a 'X-Amz-Date' or a 'Date' header.");
	example_free(&e);
}

/* What HTTP and mail call a date. */
Test(sigv4, takes_a_Date_where_there_is_no_X_Amz_Date)
{
	static const char *const good[] = {"Sun, 30 Aug 2015 12:36:00 GMT",
		"Sun, 30 Aug 2015 12:36:00 -0000", "Mon, 30 Aug 2015 12:36:00 +0000",
		"20150830T123600Z"};
	static const char *const bad[] = {"Sun, 30 Aug 2015 12:36:00 CET",
		"Sun, 30 Aug 2015 12:36:00", "Sun, 30 aug 2015 12:36:00 GMT",
		"Sun, 31 Feb 2015 12:36:00 GMT", "Sun, 30 Aug 15 12:36:00 GMT",
		"Sunday, 30-Aug-15 12:36:00 GMT"};
	struct example e;
	char stamp[SIGV4_STAMP_LEN + 1];
	int64_t at_ms;

	for (size_t i = 0; i < CMAP_COUNT(good) + CMAP_COUNT(bad); i++) {
		bool is_good = i < CMAP_COUNT(good);

		example_init(&e);
		header_set(&e, DATE, "date",
			is_good ? good[i] : bad[i - CMAP_COUNT(good)]);
		cr_expect_eq(sigv4_stamp(&e.request, stamp, &at_ms, &e.why),
			is_good ? CMAP_OK : CMAP_E_INVALID, "%s",
			e.headers[DATE].value.at);
		if (is_good) {
			cr_expect_str_eq(stamp, "20150830T123600Z");
			cr_expect_eq(at_ms, NOW_MS);
		}
		example_free(&e);
	}
	/* It must be signed then; that it is, shows in which header is asked for. */
	example_init(&e);
	header_set(&e, DATE, "Date", good[0]);
	expect(&e, "InvalidSignatureException: 'Date' must be one of SignedHeaders in "
		   "the Authorization header.");
	sign_as(&e, "date;host", VANILLA);
	expect(&e, MISMATCH);
	example_free(&e);
}

Test(sigv4, takes_a_request_for_five_minutes_either_way)
{
	struct example e;

	example_init(&e);
	e.rules.now_ms = NOW_MS + 300000;
	expect(&e, NULL);
	e.rules.now_ms = NOW_MS - 300000;
	expect(&e, NULL);
	e.rules.now_ms = NOW_MS + 301000;
	expect(&e, "InvalidSignatureException: Signature expired: 20150830T123600Z is "
		   "now earlier than 20150830T123601Z (20150830T124101Z - 5 min.). Set "
		   "the client's clock, or this server's.");
	e.rules.now_ms = NOW_MS - 301000;
	expect(&e, "InvalidSignatureException: Signature not yet current: "
		   "20150830T123600Z is still later than 20150830T123559Z "
		   "(20150830T123059Z + 5 min.). Set the client's clock, or this "
		   "server's.");
	/* By the second. */
	e.rules.now_ms = NOW_MS + 300999;
	expect(&e, NULL);
	e.rules.now_ms = NOW_MS - 300001;
	cr_expect_eq(sigv4_verify(&e.request, &e.rules, &e.why), CMAP_E_INVALID);
	buf_free(&e.why.message);
	example_free(&e);
}

/* What a client sends must not make the server's answer another. */
Test(sigv4, shows_nothing_of_a_header_but_printable_characters)
{
	struct example e;

	example_init(&e);
	header_set(&e, DATE, "X-Amz-Date", "\"\\'\x1b[31m\xff\n");
	expect(&e, BASIC "\"\\??[31m?'.");
	example_free(&e);
}
