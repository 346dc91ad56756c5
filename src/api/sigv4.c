/* SPDX-License-Identifier: MIT */
#include "api/sigv4.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/error.h"

#define INCOMPLETE "IncompleteSignatureException"
#define INVALID    "InvalidSignatureException"
#define MISSING    "MissingAuthenticationTokenException"
#define UNKNOWN    "UnrecognizedClientException"
#define FAILURE    "InternalFailure"

#define AMZ_DATE "X-Amz-Date"

/* What is told of a text from outside: printable, without quotes, and short. */
#define SHOWN_MAX 64

static void add_shown(struct buf *out, struct sigv4_text text)
{
	buf_add(out, "'", 1);
	for (size_t i = 0; i < text.len && i < SHOWN_MAX; i++) {
		char c = text.at[i];

		buf_add(out, c >= ' ' && c < 0x7F && c != '\'' ? &c : "?", 1);
	}
	buf_add_text(out, text.len > SHOWN_MAX ? "...'" : "'");
}

/* "BEFORE'text'BEHIND" */
static int refuse_text(struct sigv4_refusal *why, const char *type, const char *before,
	struct sigv4_text text, const char *behind)
{
	why->type = type;
	buf_add_text(&why->message, before);
	add_shown(&why->message, text);
	buf_add_text(&why->message, behind);
	return CMAP_E_INVALID;
}

static int refuse(struct sigv4_refusal *why, const char *type, const char *message)
{
	why->type = type;
	buf_add_text(&why->message, message);
	return CMAP_E_INVALID;
}

static struct sigv4_text text_of(const char *s)
{
	return (struct sigv4_text){s, strlen(s)};
}

/* ---- the Authorization header ------------------------------------------------------------------- */

static bool same(struct sigv4_text a, struct sigv4_text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* KEYID/DATE/REGION/SERVICE/aws4_request */
static bool parse_credential(struct sigv4_text value, struct sigv4_authorization *out)
{
	struct sigv4_text *const parts[] = {&out->key_id, &out->date, &out->region,
		&out->service, &out->terminator};
	size_t n = 0;

	for (; n < CMAP_COUNT(parts) && sigv4_split(&value, '/', parts[n]); n++) {
		if (parts[n]->len == 0)
			return false;
	}
	if (n < CMAP_COUNT(parts) || value.at)
		return false;
	out->scope = (struct sigv4_text){out->date.at,
		(size_t)(out->terminator.at + out->terminator.len - out->date.at)};
	return true;
}

static bool has_upper(struct sigv4_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] >= 'A' && text.at[i] <= 'Z')
			return true;
	}
	return false;
}

/* Twice the same name, in whatever case, would let a short header make a long canonical request. */
static bool is_sorted(struct sigv4_text names)
{
	struct sigv4_text name, last = {0};

	if (has_upper(names))
		return false;
	while (sigv4_split(&names, ';', &name)) {
		size_t least = name.len < last.len ? name.len : last.len;
		int order = least > 0 ? memcmp(last.at, name.at, least) : 0;

		if (name.len == 0 || order > 0 || (order == 0 && last.len >= name.len))
			return false;
		last = name;
	}
	return true;
}

static int refuse_parts(const struct sigv4_authorization *a, struct sigv4_refusal *why)
{
	why->type = INCOMPLETE;
	if (!a->key_id.at)
		buf_add_text(&why->message,
			"Authorization header requires 'Credential' parameter. ");
	if (!a->signature.at)
		buf_add_text(&why->message,
			"Authorization header requires 'Signature' parameter. ");
	if (!a->signed_headers.at)
		buf_add_text(&why->message,
			"Authorization header requires 'SignedHeaders' parameter. ");
	buf_add_text(&why->message,
		"It must be: " SIGV4_ALGORITHM " Credential=KEYID/YYYYMMDD/REGION/"
		"servicediscovery/" SIGV4_TERMINATOR
		", SignedHeaders=NAME;NAME..., Signature=64 hexadecimal digits.");
	return CMAP_E_INVALID;
}

/* One "Name=value". */
static int parse_part(struct sigv4_text part, struct sigv4_authorization *out,
	struct sigv4_refusal *why)
{
	struct sigv4_text value = sigv4_trim(part), name;
	struct sigv4_text *known = NULL;

	sigv4_split(&value, '=', &name);
	if (sigv4_is(name, "Credential"))
		known = &out->key_id;
	else if (sigv4_is(name, "SignedHeaders"))
		known = &out->signed_headers;
	else if (sigv4_is(name, "Signature"))
		known = &out->signature;
	if (!known || !value.at || value.len == 0 || known->at)
		return refuse(why, INCOMPLETE,
			"The parameters of the Authorization header must be "
			"Credential, SignedHeaders and Signature, each once, as "
			"Name=value with commas between.");
	if (known == &out->key_id && !parse_credential(value, out)) {
		return refuse(why, INCOMPLETE,
			"Credential must have exactly 5 slash-delimited elements: "
			"KEYID/YYYYMMDD/REGION/servicediscovery/" SIGV4_TERMINATOR ".");
	} else if (known != &out->key_id) {
		*known = value;
	}
	return CMAP_OK;
}

int sigv4_parse(struct sigv4_text value, struct sigv4_authorization *out,
	struct sigv4_refusal *why)
{
	struct sigv4_authorization a = {0};
	struct sigv4_text rest = sigv4_trim(value), algorithm, part;

	sigv4_split(&rest, ' ', &algorithm);
	if (!sigv4_is(algorithm, SIGV4_ALGORITHM))
		return refuse(why, INCOMPLETE,
			"The Authorization header must begin with '" SIGV4_ALGORITHM
			"': this server knows AWS Signature Version 4 only.");
	if (sigv4_trim(rest).len == 0)
		return refuse_parts(&a, why);
	while (sigv4_split(&rest, ',', &part)) {
		int err = parse_part(part, &a, why);

		if (err != CMAP_OK)
			return err;
	}
	if (!a.key_id.at || !a.signed_headers.at || !a.signature.at)
		return refuse_parts(&a, why);
	if (!is_sorted(a.signed_headers))
		return refuse(why, INCOMPLETE,
			"SignedHeaders must name headers in lower case and "
			"alphabetical "
			"order, each once, with semicolons between.");
	*out = a;
	return CMAP_OK;
}

/* Part of ARNs, and of nothing else. */
bool sigv4_is_region(struct sigv4_text region)
{
	for (size_t i = 0; i < region.len; i++) {
		char c = region.at[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return region.len > 0 && region.len <= SIGV4_REGION_MAX;
}

/* ---- dates -------------------------------------------------------------------------------------- */

static bool read_digits(const char *p, size_t n, int *out)
{
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*out = *out * 10 + (p[i] - '0');
	}
	return true;
}

/* False if there is no such day or time. */
static bool to_ms(struct tm tm, int64_t *at_ms)
{
	struct tm same_tm = tm;
	time_t t = timegm(&same_tm);

	*at_ms = (int64_t)t * 1000;
	return tm.tm_mday == same_tm.tm_mday && tm.tm_mon == same_tm.tm_mon &&
	       tm.tm_hour == same_tm.tm_hour && tm.tm_min == same_tm.tm_min &&
	       tm.tm_sec == same_tm.tm_sec;
}

/* "20150830T123600Z" */
static bool parse_basic(struct sigv4_text s, int64_t *at_ms)
{
	struct tm tm = {0};

	if (s.len != SIGV4_STAMP_LEN || s.at[8] != 'T' || s.at[15] != 'Z' ||
		!read_digits(s.at, 4, &tm.tm_year) ||
		!read_digits(s.at + 4, 2, &tm.tm_mon) ||
		!read_digits(s.at + 6, 2, &tm.tm_mday) ||
		!read_digits(s.at + 9, 2, &tm.tm_hour) ||
		!read_digits(s.at + 11, 2, &tm.tm_min) ||
		!read_digits(s.at + 13, 2, &tm.tm_sec))
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return to_ms(tm, at_ms);
}

static bool is_utc(struct sigv4_text zone)
{
	return sigv4_is(zone, " GMT") || sigv4_is(zone, " -0000") ||
	       sigv4_is(zone, " +0000");
}

/*
 * "Sun, 30 Aug 2015 12:36:00 GMT", RFC 9110 s5.6.7, or with "-0000" (RFC 5322), as botocore writes it. Whether it was
 * a Sunday is not looked at.
 */
static bool parse_http(struct sigv4_text s, int64_t *at_ms)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm = {.tm_mon = -1};

	if (s.len < 25 || memcmp(s.at + 3, ", ", 2) != 0 || s.at[7] != ' ' ||
		s.at[11] != ' ' || s.at[16] != ' ' || s.at[19] != ':' ||
		s.at[22] != ':' ||
		!is_utc((struct sigv4_text){s.at + 25, s.len - 25}) ||
		!read_digits(s.at + 5, 2, &tm.tm_mday) ||
		!read_digits(s.at + 12, 4, &tm.tm_year) ||
		!read_digits(s.at + 17, 2, &tm.tm_hour) ||
		!read_digits(s.at + 20, 2, &tm.tm_min) ||
		!read_digits(s.at + 23, 2, &tm.tm_sec))
		return false;
	tm.tm_year -= 1900;
	for (int i = 0; i < 12; i++) {
		if (memcmp(months + 3 * i, s.at + 8, 3) == 0)
			tm.tm_mon = i;
	}
	return tm.tm_mon >= 0 && to_ms(tm, at_ms);
}

static void write_stamp(int64_t at_ms, char stamp[SIGV4_STAMP_LEN + 1])
{
	time_t t = (time_t)(at_ms / 1000);
	struct tm tm = {0};

	memset(stamp, 0, SIGV4_STAMP_LEN + 1);
	gmtime_r(&t, &tm);
	if (strftime(stamp, SIGV4_STAMP_LEN + 1, "%Y%m%dT%H%M%SZ", &tm) == 0)
		stamp[0] = '\0';
}

static const struct sigv4_header *date_header(const struct sigv4_request *r,
	const char **name)
{
	const struct sigv4_header *h;

	*name = AMZ_DATE;
	h = sigv4_header_find(r, *name, strlen(*name), 0);
	if (h)
		return h;
	*name = "Date";
	return sigv4_header_find(r, *name, strlen(*name), 0);
}

int sigv4_stamp(const struct sigv4_request *r, char stamp[SIGV4_STAMP_LEN + 1],
	int64_t *at_ms, struct sigv4_refusal *why)
{
	const char *name;
	const struct sigv4_header *h = date_header(r, &name);
	struct sigv4_text value;

	if (!h)
		return refuse(why, INCOMPLETE,
			"Authorization header requires existence of either a "
			"'X-Amz-Date' or a 'Date' header.");
	if (sigv4_header_find(r, name, strlen(name), 1))
		return refuse_text(why, INCOMPLETE, "There is more than one header ",
			text_of(name), ".");
	value = sigv4_trim(h->value);
	if (!parse_basic(value, at_ms) && !(name[0] == 'D' && parse_http(value, at_ms)))
		return refuse_text(why, INCOMPLETE,
			"Date must be in ISO-8601 'basic format', such as "
			"20150830T123600Z. Got ",
			value, ".");
	write_stamp(*at_ms, stamp);
	return CMAP_OK;
}

static int check_skew(const char *stamp, int64_t at_ms, int64_t now_ms,
	struct sigv4_refusal *why)
{
	char now[SIGV4_STAMP_LEN + 1], bound[SIGV4_STAMP_LEN + 1];
	bool is_old;

	now_ms -= now_ms % 1000; /* as exact as what is told */
	is_old = at_ms < now_ms - SIGV4_SKEW_MS;
	if (!is_old && at_ms <= now_ms + SIGV4_SKEW_MS)
		return CMAP_OK;
	write_stamp(now_ms, now);
	write_stamp(now_ms + (is_old ? -SIGV4_SKEW_MS : SIGV4_SKEW_MS), bound);
	why->type = INVALID;
	buf_printf(&why->message,
		"Signature %s: %s is %s than %s (%s %c 5 min.). Set the client's "
		"clock, "
		"or this server's.",
		is_old ? "expired" : "not yet current", stamp,
		is_old ? "now earlier" : "still later", bound, now, is_old ? '-' : '+');
	return CMAP_E_INVALID;
}

/* ---- hashes ------------------------------------------------------------------------------------- */

static void write_hex(const uint8_t hash[SIGV4_HASH_LEN], char hex[SIGV4_HEX_LEN + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < SIGV4_HASH_LEN; i++) {
		hex[2 * i] = digits[hash[i] >> 4];
		hex[2 * i + 1] = digits[hash[i] & 0xF];
	}
	hex[SIGV4_HEX_LEN] = '\0';
}

int sigv4_hash(const void *data, size_t len, char hex[SIGV4_HEX_LEN + 1])
{
	uint8_t hash[SIGV4_HASH_LEN];

	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, len > 0 ? data : "", len, hash) != 0)
		return CMAP_E_LIBRARY;
	write_hex(hash, hex);
	return CMAP_OK;
}

static int hmac(const void *key, size_t key_len, struct sigv4_text text,
	uint8_t out[SIGV4_HASH_LEN])
{
	int err = gnutls_hmac_fast(GNUTLS_MAC_SHA256, key, key_len, text.at, text.len,
		out);

	return err == 0 ? CMAP_OK : CMAP_E_LIBRARY;
}

int sigv4_string_to_sign(const char *stamp, struct sigv4_text scope,
	const struct buf *canonical, struct buf *out)
{
	char hex[SIGV4_HEX_LEN + 1];
	int err = sigv4_hash(canonical->data, canonical->len, hex);

	if (err != CMAP_OK)
		return err;
	buf_printf(out, SIGV4_ALGORITHM "\n%s\n", stamp);
	buf_add(out, scope.at, scope.len);
	buf_printf(out, "\n%s", hex);
	return CMAP_OK;
}

int sigv4_signing_key(const char *secret, struct sigv4_text date,
	struct sigv4_text region, struct sigv4_text service,
	uint8_t key[SIGV4_HASH_LEN])
{
	char first[4 + ACCESS_KEY_SECRET_MAX + 1];
	const struct sigv4_text steps[] = {region, service, text_of(SIGV4_TERMINATOR)};
	int len = snprintf(first, sizeof(first), "AWS4%s", secret);
	uint8_t next[SIGV4_HASH_LEN];
	int err = hmac(first, (size_t)len, date, key);

	explicit_bzero(first, sizeof(first));
	for (size_t i = 0; i < CMAP_COUNT(steps) && err == CMAP_OK; i++) {
		err = hmac(key, SIGV4_HASH_LEN, steps[i], next);
		if (err == CMAP_OK)
			memcpy(key, next, SIGV4_HASH_LEN);
	}
	explicit_bzero(next, sizeof(next));
	return err;
}

int sigv4_sign(const uint8_t key[SIGV4_HASH_LEN], const struct buf *text,
	char hex[SIGV4_HEX_LEN + 1])
{
	uint8_t signature[SIGV4_HASH_LEN];
	int err = hmac(key, SIGV4_HASH_LEN,
		(struct sigv4_text){buf_text(text), text->len}, signature);

	if (err == CMAP_OK)
		write_hex(signature, hex);
	explicit_bzero(signature, sizeof(signature));
	return err;
}

/* ---- the verdict -------------------------------------------------------------------------------- */

static int find_authorization(const struct sigv4_request *r,
	struct sigv4_authorization *out, struct sigv4_refusal *why)
{
	static const char name[] = "Authorization";
	const struct sigv4_header *h = sigv4_header_find(r, name, strlen(name), 0);

	if (!h)
		return refuse(why, MISSING,
			"Missing Authentication Token: the request is not signed. Give "
			"the client an access key id and a secret that this server "
			"knows, or use the server's Unix socket.");
	if (sigv4_header_find(r, name, strlen(name), 1))
		return refuse(why, INCOMPLETE,
			"There is more than one Authorization header.");
	return sigv4_parse(h->value, out, why);
}

static int check_scope(const struct sigv4_authorization *a, const char *stamp,
	const char *service, struct sigv4_refusal *why)
{
	if (!sigv4_is(a->terminator, SIGV4_TERMINATOR))
		return refuse_text(why, INVALID,
			"Credential should be scoped with a valid terminator: "
			"'" SIGV4_TERMINATOR "', not ",
			a->terminator, ".");
	if (!sigv4_is(a->service, service))
		return refuse_text(why, INVALID,
			"Credential should be scoped to correct service: ",
			text_of(service),
			"; set that as the name of the service in the client.");
	if (!sigv4_is_region(a->region))
		return refuse_text(why, INVALID,
			"Credential should be scoped to a valid region, not ",
			a->region, ": lower-case letters, digits and '-'.");
	if (!same(a->date, (struct sigv4_text){stamp, SIGV4_DATE_LEN}))
		return refuse_text(why, INVALID,
			"Date in Credential scope does not match YYYYMMDD from the "
			"date of the request: ",
			a->date, ".");
	return CMAP_OK;
}

static bool has_name(struct sigv4_text names, struct sigv4_text wanted)
{
	struct sigv4_text name;

	while (sigv4_split(&names, ';', &name)) {
		if (name.len == wanted.len &&
			strncasecmp(name.at, wanted.at, name.len) == 0)
			return true;
	}
	return false;
}

/* What is not signed, somebody on the way may have changed: X-Amz-Target above all. */
static int check_signed_headers(const struct sigv4_request *r, struct sigv4_text names,
	struct sigv4_refusal *why)
{
	const char *date;
	struct sigv4_text rest = names, name;

	date_header(r, &date);
	if (!has_name(names, text_of("host")))
		return refuse(why, INVALID,
			"'Host' must be one of SignedHeaders in the Authorization "
			"header.");
	if (!has_name(names, text_of(date)))
		return refuse_text(why, INVALID, "", text_of(date),
			" must be one of SignedHeaders in the Authorization header.");
	/* First, since it bounds how many names there are. */
	while (sigv4_split(&rest, ';', &name)) {
		if (!sigv4_header_find(r, name.at, name.len, 0))
			return refuse_text(why, INVALID, "The header ", name,
				" is one of SignedHeaders, but the request does not "
				"have it: something between client and server took it "
				"out.");
	}
	for (size_t i = 0; i < r->n_headers; i++) {
		name = r->headers[i].name;
		if (name.len > 6 && strncasecmp(name.at, "x-amz-", 6) == 0 &&
			!has_name(names, name))
			return refuse_text(why, INVALID, "The header ", name,
				" must be one of SignedHeaders in the Authorization "
				"header, as all X-Amz- headers must.");
	}
	return CMAP_OK;
}

/* A hash that the client sends along is signed like any header; here it must be the body's. */
static int check_payload(const struct sigv4_request *r, const char *payload,
	struct sigv4_refusal *why)
{
	static const char name[] = "x-amz-content-sha256";
	const struct sigv4_header *h = sigv4_header_find(r, name, strlen(name), 0);

	if (!h || sigv4_is(sigv4_trim(h->value), payload))
		return CMAP_OK;
	return refuse_text(why, INVALID,
		"X-Amz-Content-Sha256 must be the SHA-256 of the body in lower-case "
		"hexadecimal digits, not ",
		sigv4_trim(h->value), ": bodies must be signed, in one piece.");
}

static int compute(const struct sigv4_request *r, const struct sigv4_authorization *a,
	const char *stamp, const char *payload, const char *secret,
	char hex[SIGV4_HEX_LEN + 1])
{
	uint8_t key[SIGV4_HASH_LEN];
	struct buf canonical = {0}, text = {0};
	int err;

	sigv4_canonical_request(r, a->signed_headers, payload, &canonical);
	err = sigv4_string_to_sign(stamp, a->scope, &canonical, &text);
	if (err == CMAP_OK)
		err = sigv4_signing_key(secret, a->date, a->region, a->service, key);
	if (err == CMAP_OK)
		err = sigv4_sign(key, &text, hex);
	explicit_bzero(key, sizeof(key));
	buf_free(&canonical);
	buf_free(&text);
	return err;
}

static int check_signature(const struct sigv4_request *r,
	const struct sigv4_authorization *a, const char *stamp, const char *payload,
	const struct sigv4_rules *rules, struct sigv4_refusal *why)
{
	/* A key that is not there costs what one that is there does. */
	static const char nobody[] = "0000000000000000000000000000000000000000";
	const char *secret = access_keys_find(rules->keys, a->key_id.at, a->key_id.len);
	char hex[SIGV4_HEX_LEN + 1];
	int err = compute(r, a, stamp, payload, secret ? secret : nobody, hex);
	bool equal = err == CMAP_OK && a->signature.len == SIGV4_HEX_LEN &&
		     gnutls_memcmp(a->signature.at, hex, SIGV4_HEX_LEN) == 0;

	explicit_bzero(hex, sizeof(hex));
	if (err != CMAP_OK)
		return err;
	if (secret && equal)
		return CMAP_OK;
	if (!secret)
		return refuse(why, UNKNOWN,
			"The security token included in the request is invalid: this "
			"server does not know the access key id. Use one that stands "
			"in "
			"its file of access_keys.");
	return refuse(why, INVALID,
		"The request signature we calculated does not match the signature you "
		"provided. Check your AWS Secret Access Key and signing method.");
}

int sigv4_verify(const struct sigv4_request *r, const struct sigv4_rules *rules,
	struct sigv4_refusal *why)
{
	struct sigv4_authorization a;
	char stamp[SIGV4_STAMP_LEN + 1], payload[SIGV4_HEX_LEN + 1];
	int64_t at_ms;
	int err = find_authorization(r, &a, why);

	if (err == CMAP_OK)
		err = sigv4_stamp(r, stamp, &at_ms, why);
	if (err == CMAP_OK)
		err = check_scope(&a, stamp, rules->service, why);
	if (err == CMAP_OK)
		err = check_signed_headers(r, a.signed_headers, why);
	if (err == CMAP_OK)
		err = check_skew(stamp, at_ms, rules->now_ms, why);
	if (err == CMAP_OK)
		err = sigv4_hash(r->body, r->body_len, payload);
	if (err == CMAP_OK)
		err = check_payload(r, payload, why);
	if (err == CMAP_OK)
		err = check_signature(r, &a, stamp, payload, rules, why);
	if (err == CMAP_E_LIBRARY)
		refuse(why, FAILURE, "The server cannot compute signatures.");
	return err;
}
