/* SPDX-License-Identifier: MIT */
#include "server/cookie.h"

#include <endian.h>
#include <string.h>

#include "wire/dns.h"

enum { VERSION = 1, AT_TIME = COOKIE_CLIENT_LEN + 4, AT_HASH = COOKIE_CLIENT_LEN + 8 };

/* The hash of a cookie's first 16 octets and the client's address. */
static void hash_cookie(const uint8_t secret[SIPHASH_KEY_LEN],
	const struct client *client, const uint8_t *cookie, uint8_t out[8])
{
	uint8_t in[AT_HASH + sizeof(client->octets)];
	uint64_t hash;

	memcpy(in, cookie, AT_HASH);
	memcpy(in + AT_HASH, client->octets, client->len);
	hash = htole64(siphash24(secret, in, (size_t)AT_HASH + client->len));
	memcpy(out, &hash, sizeof(hash));
}

/* Compares in a time that does not tell how much is right. */
static bool equal_hash(const uint8_t *a, const uint8_t *b)
{
	uint8_t differs = 0;

	for (int i = 0; i < 8; i++)
		differs |= a[i] ^ b[i];
	return differs == 0;
}

bool cookie_is_good(const struct cookie_secrets *secrets, const struct client *client,
	const uint8_t *cookie, uint8_t len, uint32_t now_s)
{
	int32_t age; /* serial arithmetic: good in 2038 and in 2106 */
	uint8_t hash[8];

	if (len != COOKIE_LEN || cookie[COOKIE_CLIENT_LEN] != VERSION)
		return false;
	age = (int32_t)(now_s - dns_get32(cookie + AT_TIME));
	if (age > COOKIE_PAST_S || age < -COOKIE_FUTURE_S)
		return false;
	for (uint8_t i = 0; i < secrets->n; i++) {
		hash_cookie(secrets->secret[i], client, cookie, hash);
		if (equal_hash(hash, cookie + AT_HASH))
			return true;
	}
	return false;
}

void cookie_answer(const struct cookie_secrets *secrets, const struct client *client,
	const uint8_t *cookie, bool is_good, uint32_t now_s, uint8_t out[COOKIE_LEN])
{
	if (is_good &&
		(int32_t)(now_s - dns_get32(cookie + AT_TIME)) < COOKIE_RENEW_S) {
		memcpy(out, cookie, COOKIE_LEN);
		return;
	}
	memcpy(out, cookie, COOKIE_CLIENT_LEN);
	out[COOKIE_CLIENT_LEN] = VERSION;
	memset(out + COOKIE_CLIENT_LEN + 1, 0, 3);
	dns_put32(out + AT_TIME, now_s);
	hash_cookie(secrets->secret[0], client, out, out + AT_HASH);
}
