/* SPDX-License-Identifier: MIT */
/*
 * sigv4.h -- AWS Signature Version 4: whether a request was signed by who has the secret. Octets in, verdict out.
 *
 * Shape:  a request as it was sent: its target undecoded, its headers in order, repeated ones several times. Texts
 *         are borrowed, and need no NUL at their end.
 * Errors: CMAP_E_INVALID with a refusal, in AWS's types; CMAP_E_LIBRARY if GnuTLS fails.
 * Source: AWS General Reference, "Signature Version 4 signing process"; where it leaves doubt, as botocore signs: the
 *         path is normalized and encoded once more, blanks in a header's value become one space, and values
 *         of repeated headers are joined by commas.
 */
#ifndef API_SIGV4_H
#define API_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/access_keys.h"
#include "base/buf.h"
#include "base/compiler.h"

#define SIGV4_ALGORITHM  "AWS4-HMAC-SHA256"
#define SIGV4_TERMINATOR "aws4_request"
#define SIGV4_SKEW_MS    (5 * 60 * 1000) /* either way, as AWS */
#define SIGV4_REGION_MAX 32

#define SIGV4_STAMP_LEN 16 /* "20150830T123600Z" */
#define SIGV4_DATE_LEN  8
#define SIGV4_HASH_LEN  32 /* SHA-256 */
#define SIGV4_HEX_LEN   (2 * SIGV4_HASH_LEN)

struct sigv4_text {
	const char *at;
	size_t len;
};

struct sigv4_header {
	struct sigv4_text name, value;
};

struct sigv4_request {
	const char *method;
	const char *target; /* "/path?query" */
	const struct sigv4_header *headers;
	size_t n_headers;
	const void *body; /* NULL if body_len is 0 */
	size_t body_len;
};

/* The parts of an Authorization header; none is empty. */
struct sigv4_authorization {
	struct sigv4_text key_id;
	struct sigv4_text scope; /* the four that follow, with the slashes between */
	struct sigv4_text date, region, service, terminator;
	struct sigv4_text
		signed_headers; /* in alphabetical order, each once, in lower case */
	struct sigv4_text signature; /* not checked for what it is made of */
};

/* Why a request is not taken. The caller frees message, which holds nothing secret. */
struct sigv4_refusal {
	const char *type; /* "InvalidSignatureException", ... */
	struct buf message;
};

/* What a server asks of signatures. */
struct sigv4_rules {
	const struct access_keys *keys;
	const char *service; /* in the scope */
	int64_t now_ms;      /* by the wall clock */
};

/*
 * CMAP_OK if r is signed with one of rules->keys. A key that is not known takes as long as a wrong signature; the
 * answers differ, as AWS's do: an id is no secret.
 */
int sigv4_verify(const struct sigv4_request *r, const struct sigv4_rules *rules,
	struct sigv4_refusal *why) CMAP_NONNULL CMAP_MUST_USE;

/* ---- its steps ---- */

/* Takes the value of an Authorization header apart. */
int sigv4_parse(struct sigv4_text value, struct sigv4_authorization *out,
	struct sigv4_refusal *why) CMAP_NONNULL CMAP_MUST_USE;
/* region is made of lower-case letters, digits and '-', and not too long. */
bool sigv4_is_region(struct sigv4_text region);
/* When r says that it was signed, from X-Amz-Date or else Date: as text with NUL, and in ms since 1970. */
int sigv4_stamp(const struct sigv4_request *r, char stamp[SIGV4_STAMP_LEN + 1],
	int64_t *at_ms, struct sigv4_refusal *why) CMAP_NONNULL CMAP_MUST_USE;
/* Adds the canonical request; payload is the hash of the body in hexadecimal digits. (sigv4_canonical.c) */
void sigv4_canonical_request(const struct sigv4_request *r,
	struct sigv4_text signed_headers, const char *payload,
	struct buf *out) CMAP_NONNULL;
int sigv4_string_to_sign(const char *stamp, struct sigv4_text scope,
	const struct buf *canonical, struct buf *out) CMAP_NONNULL CMAP_MUST_USE;
int sigv4_signing_key(const char *secret, struct sigv4_text date,
	struct sigv4_text region, struct sigv4_text service,
	uint8_t key[SIGV4_HASH_LEN]) CMAP_NONNULL CMAP_MUST_USE;
/* HMAC of text, in hexadecimal digits with NUL. */
int sigv4_sign(const uint8_t key[SIGV4_HASH_LEN], const struct buf *text,
	char hex[SIGV4_HEX_LEN + 1]) CMAP_NONNULL CMAP_MUST_USE;
/* SHA-256 of data, in the same form. */
int sigv4_hash(const void *data, size_t len, char hex[SIGV4_HEX_LEN + 1]) CMAP_MUST_USE;

/* The n-th header of that name, in any case, from 0; NULL if there are fewer. */
const struct sigv4_header *sigv4_header_find(const struct sigv4_request *r,
	const char *name, size_t len, size_t n) CMAP_NONNULL;
/* text without the blanks around it. */
struct sigv4_text sigv4_trim(struct sigv4_text text);
/* The text up to the next sep in *rest, which goes on behind it; false if *rest is used up (at NULL). */
bool sigv4_split(struct sigv4_text *rest, char sep,
	struct sigv4_text *out) CMAP_NONNULL;
bool sigv4_is(struct sigv4_text text, const char *word) CMAP_NONNULL;

#endif
