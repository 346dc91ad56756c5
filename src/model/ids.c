/* SPDX-License-Identifier: MIT */
#include "model/ids.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/random.h"

/* Any fixed seeds do; they make the two hashes of an operation's target independent. */
#define SEED_WIDE   UINT64_C(0x636d61702d6f7031)
#define SEED_NARROW UINT64_C(0x636d61702d6f7032)

/* n characters of [a-z2-7], five bits each, from 5 * n / 8 bytes; n is a multiple of 8. */
static void base32(const uint8_t *bytes, size_t n, char *out)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";

	for (size_t i = 0; i < n; i += 8, bytes += 5) {
		uint64_t bits = 0;

		for (int b = 0; b < 5; b++)
			bits = bits << 8 | bytes[b];
		for (size_t c = 8; c-- > 0; bits >>= 5)
			out[i + c] = digits[bits & 31];
	}
}

void id_make(const char *prefix, char out[MODEL_ID_TEXT])
{
	uint8_t bytes[10];
	char text[17] = {0};

	random_octets(bytes, sizeof(bytes));
	base32(bytes, 16, text);
	snprintf(out, MODEL_ID_TEXT, "%s%s", prefix, text);
}

static const char *base36(uint64_t n, char room[16])
{
	char *p = room + 15;

	*p = '\0';
	do {
		*--p = "0123456789abcdefghijklmnopqrstuvwxyz"[n % 36];
		n /= 36;
	} while (n > 0);
	return p;
}

void id_make_operation(const char *target, int64_t created_ms,
	char out[MODEL_OPERATION_TEXT])
{
	XXH128_canonical_t wide;
	XXH64_canonical_t narrow;
	uint8_t bytes[20];
	char text[33] = {0}, room[16];

	XXH128_canonicalFromHash(&wide,
		XXH3_128bits_withSeed(target, strlen(target), SEED_WIDE));
	XXH64_canonicalFromHash(&narrow,
		XXH3_64bits_withSeed(target, strlen(target), SEED_NARROW));
	memcpy(bytes, wide.digest, 16);
	memcpy(bytes + 16, narrow.digest, 4);
	base32(bytes, 32, text);
	snprintf(out, MODEL_OPERATION_TEXT, "%s-%s", text,
		base36(created_ms > 0 ? (uint64_t)created_ms : 0, room));
}

void id_make_zone(const char *namespace_id, char out[MODEL_ID_TEXT])
{
	const char *dash = strchr(namespace_id, '-');
	size_t n = 0;

	out[n++] = 'Z';
	for (const char *p = dash ? dash + 1 : namespace_id; *p && n < 17; p++)
		out[n++] = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
	out[n] = '\0';
}

void id_make_uuid(char out[37])
{
	static const char hex[] = "0123456789abcdef";
	uint8_t bytes[16];
	char *p = out;

	random_octets(bytes, sizeof(bytes));
	bytes[6] = (bytes[6] & 0x0f) | 0x40; /* version 4 */
	bytes[8] = (bytes[8] & 0x3f) | 0x80; /* the variant of RFC 4122 */
	for (size_t i = 0; i < sizeof(bytes); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = hex[bytes[i] >> 4];
		*p++ = hex[bytes[i] & 15];
	}
	*p = '\0';
}

void id_make_arn(const char *region, const char *account, const char *kind,
	const char *id, char out[ID_ARN_TEXT])
{
	snprintf(out, ID_ARN_TEXT, "arn:aws:servicediscovery:%s:%s:%s/%s", region,
		account, kind, id);
}

/* Behind prefix, if text begins with it; NULL otherwise and for a NULL text. */
static const char *skip(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text && strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

const char *id_from_arn(const char *id_or_arn, const char *account, const char *kind)
{
	const char *p = skip(id_or_arn, "arn:");

	if (!p)
		return id_or_arn;
	p = skip(p, "aws:servicediscovery:");
	p = p ? strchr(p, ':') : NULL; /* any region */
	p = skip(skip(p, ":"), account);
	p = skip(skip(p, ":"), kind);
	return skip(p, "/");
}
