/* SPDX-License-Identifier: MIT */
/* Who is served over which door, octet for octet; signed here with the steps that test_sigv4.c tries. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/sigv4.h"
#include "base/error.h"
#include "fixture.h"
#include "test.h"

#define KEY_ID "AKIDEXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define STAMP  "20180126T001130Z" /* the fixture's wall clock */
#define SCOPE  "20180126/eu-test-1/servicediscovery/aws4_request"
#define TARGET "Route53AutoNaming_v20170314."

#define OK_HEAD "HTTP/1.1 200 OK\nContent-Type: application/x-amz-json-1.1\n\n"
#define NONE    OK_HEAD "{\"Namespaces\":[]}"
#define REFUSED(type)                                                                  \
	"HTTP/1.1 400 Bad Request\nContent-Type: application/x-amz-json-1.1\n"         \
	"x-amzn-ErrorType: " type "\n\n{\"__type\":\"" type "\",\"Message\":\""

static struct sigv4_text text(const char *s)
{
	return (struct sigv4_text){s, strlen(s)};
}

struct signing {
	const char *secret;
	const char *signed_target; /* what the signature says */
	const char *sent_target;   /* what the first line says */
	const char *host, *more;   /* headers, whole lines */
	const char *operation, *body;
};

/* The request's octets. */
static void sign(const struct signing *s, struct buf *out)
{
	static const char names[] = "host;x-amz-date;x-amz-target";
	char payload[SIGV4_HEX_LEN + 1], signature[SIGV4_HEX_LEN + 1];
	struct buf target = {0}, canonical = {0}, to_sign = {0};
	uint8_t key[SIGV4_HASH_LEN];

	buf_printf(&target, TARGET "%s", s->operation);
	const struct sigv4_header headers[] = {{text("Host"), text(s->host)},
		{text("X-Amz-Date"), text(STAMP)},
		{text("X-Amz-Target"), text(target.data)}};
	const struct sigv4_request r = {.method = "POST",
		.target = s->signed_target,
		.headers = headers,
		.n_headers = 3};

	cr_assert_eq(sigv4_hash(s->body, strlen(s->body), payload), CMAP_OK);
	sigv4_canonical_request(&r, text(names), payload, &canonical);
	cr_assert_eq(sigv4_string_to_sign(STAMP, text(SCOPE), &canonical, &to_sign),
		CMAP_OK);
	cr_assert_eq(sigv4_signing_key(s->secret, text("20180126"), text("eu-test-1"),
			     text("servicediscovery"), key),
		CMAP_OK);
	cr_assert_eq(sigv4_sign(key, &to_sign, signature), CMAP_OK);
	buf_printf(out,
		"POST %s HTTP/1.1\r\nHost: %s\r\nX-Amz-Date: " STAMP
		"\r\nX-Amz-Target: %s\r\nUser-Agent: test\r\n%sAuthorization: "
		"AWS4-HMAC-SHA256 Credential=" KEY_ID "/" SCOPE
		", SignedHeaders=%s, Signature=%s\r\nContent-Length: %zu\r\n\r\n%s",
		s->sent_target, s->host, target.data, s->more, names, signature,
		strlen(s->body), s->body);
	buf_free(&target);
	buf_free(&canonical);
	buf_free(&to_sign);
}

#define PLAIN                                                                          \
	{                                                                              \
		.secret = SECRET, .signed_target = "/", .sent_target = "/",            \
		.host = "cmap", .more = "", .operation = "ListNamespaces",             \
		.body = "{}"                                                           \
	}

static void set_keys(struct fixture *f)
{
	static const char file[] = KEY_ID " " SECRET "\nother 0123456789abcdef\n";
	struct access_keys *keys;
	struct buf why = {0};

	cr_assert_eq(access_keys_parse("f", file, strlen(file), &keys, &why), CMAP_OK);
	api_set_keys(f->api, keys);
}

static void start(struct fixture *f)
{
	fixture_init(f);
	fixture_serve(f, 8, 10000);
}

#define EXPECT(f, fd, text) expect_answer((f), (fd), (text), __LINE__)

static void expect_answer(struct fixture *f, int fd, const char *want, int line)
{
	const char *got = fixture_answer(f, fd);

	cr_expect_str_eq(got, want, "line %d: got\n%s\nnot\n%s", line, got, want);
}

#define EXPECT_SIGNED(f, fd, s, text) expect_signed((f), (fd), (s), (text), __LINE__)

static void expect_signed(struct fixture *f, int fd, const struct signing *s,
	const char *want, int line)
{
	struct buf request = {0};

	sign(s, &request);
	fixture_send_bytes(fd, request.data, request.len);
	buf_free(&request);
	expect_answer(f, fd, want, line);
}

#define LIST                                                                           \
	"POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: " TARGET                          \
	"ListNamespaces\r\nContent-Length: 2\r\n\r\n{}"
#define MISSING                                                                        \
	REFUSED("MissingAuthenticationTokenException")                                 \
	"Missing Authentication Token: the request is not signed. Give the client an " \
	"access key id and a secret that this server knows, or use the server's Unix " \
	"socket.\"}"
#define MISMATCH                                                                       \
	REFUSED("InvalidSignatureException")                                           \
	"The request signature we calculated does not match the signature you "        \
	"provided. Check your AWS Secret Access Key and signing method.\"}"

Test(auth, with_keys_a_request_over_TCP_must_be_signed)
{
	struct signing s = PLAIN;
	struct fixture f;
	int fd;

	start(&f);
	fd = fixture_connect(&f);
	fixture_send(&f, fd, LIST);
	EXPECT(&f, fd, NONE);
	set_keys(&f);
	fixture_send(&f, fd, LIST);
	EXPECT(&f, fd, MISSING);
	EXPECT_SIGNED(&f, fd, &s, NONE);
	s.secret = "0123456789abcdef";
	EXPECT_SIGNED(&f, fd, &s, MISMATCH);
	/* The connection goes on, and nothing of the last request is left over. */
	fixture_send(&f, fd, LIST);
	EXPECT(&f, fd, MISSING);
	s.secret = SECRET;
	EXPECT_SIGNED(&f, fd, &s, NONE);
	api_set_keys(f.api, NULL);
	fixture_send(&f, fd, LIST);
	EXPECT(&f, fd, NONE);
	close(fd);
	fixture_free(&f);
}

Test(auth, no_key_is_needed_for_what_is_no_operation)
{
	struct fixture f;
	int fd;

	start(&f);
	set_keys(&f);
	fd = fixture_connect(&f);
	fixture_send(&f, fd, "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
	EXPECT(&f, fd, "HTTP/1.1 200 OK\nContent-Type: text/plain\n\nok\n");
	fixture_send(&f, fd,
		"POST /%2f HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
	cr_expect_eq(strncmp(fixture_answer(&f, fd), "HTTP/1.1 404 ", 13), 0);
	close(fd);
	fixture_free(&f);
}

Test(auth, a_request_is_verified_as_it_was_sent)
{
	struct signing s = PLAIN;
	struct fixture f;
	int fd;

	start(&f);
	set_keys(&f);
	fd = fixture_connect(&f);
	/* As to a proxy: what is signed is the path behind the host. */
	s.host = "data-cmap.internal:8053";
	s.sent_target = "http://data-cmap.internal:8053/";
	EXPECT_SIGNED(&f, fd, &s, NONE);
	s.sent_target = "HTTP://data-cmap.internal";
	EXPECT_SIGNED(&f, fd, &s, NONE);
	s.sent_target = "http://data-cmap.internal?b=%2F&a";
	EXPECT_SIGNED(&f, fd, &s, MISMATCH);
	s.signed_target = "/?b=%2F&a";
	EXPECT_SIGNED(&f, fd, &s, NONE);
	s.sent_target = "/?b=%2F&a";
	EXPECT_SIGNED(&f, fd, &s, NONE);
	s.sent_target = "/?b=%252F&a";
	EXPECT_SIGNED(&f, fd, &s, MISMATCH);
	s.signed_target = "/?b=%252F&a=";
	EXPECT_SIGNED(&f, fd, &s, NONE);
	s.signed_target = s.sent_target = "/";
	s.more = "Via: 1.1 proxy\r\nvia: 1.1 another\r\n";
	EXPECT_SIGNED(&f, fd, &s, NONE);
	s.more = "x-amz-target: " TARGET "CreateHttpNamespace\r\n";
	EXPECT_SIGNED(&f, fd, &s, MISMATCH);
	s.more = "";
	s.body = "{ }";
	EXPECT_SIGNED(&f, fd, &s, NONE);
	close(fd);
	fixture_free(&f);
}

Test(auth, a_signature_ages)
{
	struct signing s = PLAIN;
	struct fixture f;
	int fd;

	start(&f);
	set_keys(&f);
	clock_fake_pass(&f.clock, 299000); /* 00:16:29.087 */
	fd = fixture_connect(&f);
	EXPECT_SIGNED(&f, fd, &s, NONE);
	clock_fake_pass(&f.clock, 1912); /* 00:16:30.999 */
	EXPECT_SIGNED(&f, fd, &s, NONE);
	clock_fake_pass(&f.clock, 1);
	EXPECT_SIGNED(&f, fd, &s,
		REFUSED("InvalidSignatureException") "Signature expired: "
						     "20180126T001130Z is now earlier "
						     "than "
						     "20180126T001131Z "
						     "(20180126T001631Z - 5 min.). Set "
						     "the client's clock, "
						     "or this server's.\"}");
	close(fd);
	fixture_free(&f);
}

/* ---- the region ---- */

/* The ARN of the namespace that the answer tells, without its id. */
static void expect_region(struct fixture *f, int fd, const char *region)
{
	const char *got = fixture_answer(f, fd);
	struct buf want = {0};

	buf_printf(&want,
		"\"Arn\":\"arn:aws:servicediscovery:%s:123456789012:", region);
	cr_expect_not_null(strstr(got, want.data), "no %s in\n%s", want.data, got);
	buf_free(&want);
}

static void ask_with(struct fixture *f, int fd, const char *header, const char *region)
{
	struct buf request = {0};

	buf_printf(&request,
		"POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: " TARGET
		"ListNamespaces\r\n%sContent-Length: 2\r\n\r\n{}",
		header);
	fixture_send(f, fd, request.data);
	expect_region(f, fd, region);
	buf_free(&request);
}

#define CREDENTIAL(region)                                                             \
	"Authorization: AWS4-HMAC-SHA256 Credential=x/20180126/" region                \
	"/servicediscovery/aws4_request, SignedHeaders=host, Signature=0\r\n"

Test(auth, an_ARN_has_the_region_that_the_client_has_signed_for)
{
	struct signing s = PLAIN;
	struct fixture f;
	struct buf request = {0};
	int fd;

	start(&f);
	fd = fixture_connect(&f);
	fixture_fill(&f);
	ask_with(&f, fd, "", "us-west-2");
	/* Where nobody asks for a signature, nobody looks at it. */
	ask_with(&f, fd, CREDENTIAL("eu-north-9"), "eu-north-9");
	ask_with(&f, fd, "", "us-west-2");
	ask_with(&f, fd, CREDENTIAL("EU"), "us-west-2");
	ask_with(&f, fd, "Authorization: Bearer x\r\n", "us-west-2");
	set_keys(&f);
	sign(&s, &request);
	fixture_send_bytes(fd, request.data, request.len);
	expect_region(&f, fd, "eu-test-1");
	buf_free(&request);
	api_set_keys(f.api, NULL);
	/* An error names the service that is there. */
	fixture_send(&f, fd,
		"POST / HTTP/1.1\r\nHost: h\r\n" CREDENTIAL(
			"eu-north-9") "X-Amz-Target: " TARGET
				      "CreateService\r\nContent-Length: "
				      "48\r\n\r\n{\"Name\":\"x\",\"NamespaceId\":"
				      "\"NSID\"}");
	cr_expect_not_null(strstr(fixture_answer(&f, fd),
				   "servicediscovery:eu-north-9:"),
		"%s", buf_text(&f.text));
	close(fd);
	fixture_free(&f);
}

/* ---- the Unix socket ---- */

static int listen_unix(struct fixture *f, struct sockaddr_un *address, socklen_t *len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	/* Without a path it gets an address of its own that is no file. */
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	*len = sizeof(*address);
	cr_assert_eq(bind(fd, (struct sockaddr *)address, sizeof(sa_family_t)), 0);
	cr_assert_eq(listen(fd, 8), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)address, len), 0);
	cr_assert_eq(api_listen(f->api, fd), CMAP_OK);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(connect(fd, (struct sockaddr *)address, *len), 0);
	return fd;
}

Test(auth, the_Unix_socket_needs_no_signature)
{
	struct signing s = PLAIN;
	struct sockaddr_un address;
	socklen_t len;
	struct fixture f;
	int fd, tcp;

	start(&f);
	set_keys(&f);
	fd = listen_unix(&f, &address, &len);
	tcp = fixture_connect(&f);
	fixture_send(&f, fd, LIST);
	EXPECT(&f, fd, NONE);
	fixture_send(&f, tcp, LIST);
	EXPECT(&f, tcp, MISSING);
	s.secret = "0123456789abcdef"; /* nor is one looked at */
	EXPECT_SIGNED(&f, fd, &s, NONE);
	close(fd);
	close(tcp);
	fixture_free(&f);
}
