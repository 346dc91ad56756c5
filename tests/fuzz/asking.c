/* SPDX-License-Identifier: MIT */
#include "asking.h"

#include <ctype.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "wire/dname.h"
#include "wire/dns.h"

enum { OPTIONS_MAX = 7, PATCHES_MAX = 8 };

uint8_t asking_take(struct asking *a)
{
	if (a->left == 0)
		return 0;
	a->left--;
	return *a->data++;
}

static void put8(struct asking *a, uint8_t value)
{
	a->query[a->len++] = value;
}

static void put16(struct asking *a, uint16_t value)
{
	dns_put16(a->query + a->len, value);
	a->len += 2;
}

/* A name of the list, perhaps with a label in front, perhaps in capitals. Returns its octets: it may be too long. */
static size_t put_name(struct asking *a)
{
	size_t start = a->len;
	uint8_t which = asking_take(a), how = asking_take(a);
	size_t label = how & 3 ? asking_take(a) % (DNAME_LABEL_MAX + 1) : 0;
	struct dname d = {.len = 1};

	if (dname_from_plain(a->names[which % a->n_names], &d) != CMAP_OK)
		d = (struct dname){.len = 1};
	if (how & 0x80)
		for (uint8_t i = 0; i < d.len; i++)
			d.wire[i] = (uint8_t)toupper(d.wire[i]);
	if (label > 0) {
		put8(a, (uint8_t)label);
		for (size_t i = 0; i < label; i++)
			put8(a, how & 1 ? asking_take(a) : 'x');
	}
	memcpy(a->query + a->len, d.wire, d.len);
	a->len += d.len;
	return a->len - start;
}

/* Returns whether it is one. */
static bool put_question(struct asking *a)
{
	static const uint16_t types[] = {DNS_A, DNS_AAAA, DNS_SRV, DNS_CNAME, DNS_TXT,
		DNS_ANY, DNS_NS, DNS_SOA, DNS_DS, 15 /* MX */, 12 /* PTR */, 65400,
		65401, DNS_OPT, DNS_AXFR, DNS_TSIG};
	bool is_name = put_name(a) <= DNAME_MAX;
	uint8_t type;

	type = asking_take(a);
	put16(a, types[type % CMAP_COUNT(types)]);
	put16(a, type & 0x80 ? DNS_CH : DNS_IN);
	return is_name;
}

/* ---- EDNS -------------------------------------------------------------------------------------- */

static void put_option(struct asking *a, uint16_t code, const void *data, size_t len)
{
	put16(a, code);
	put16(a, (uint16_t)len);
	memcpy(a->query + a->len, data, len);
	a->len += len;
}

/* A cookie of ours, made some time ago or ahead. */
static void put_cookie(struct asking *a, bool is_first)
{
	static const int ages_s[] = {0, 0, 1, 1799, 1800, 3600, 3601, -300, -301};
	const uint8_t clients[COOKIE_CLIENT_LEN] = {
		asking_take(a), 2, 3, 4, 5, 6, 7, 8};
	uint8_t cookie[COOKIE_LEN];
	int age_s = ages_s[asking_take(a) % CMAP_COUNT(ages_s)];

	cookie_answer(a->secrets, a->client, clients, false, a->now_s - (uint32_t)age_s,
		cookie);
	put_option(a, DNS_OPTION_COOKIE, cookie, sizeof(cookie));
	if (is_first)
		a->cookie_is_good = age_s >= -COOKIE_FUTURE_S && age_s <= COOKIE_PAST_S;
}

/* Returns whether it was a cookie. */
static bool put_any_option(struct asking *a, bool has_cookie)
{
	static const uint8_t zeros[64];
	uint8_t kind = asking_take(a);

	switch (kind & 7) {
	case 0:
		put_cookie(a, !has_cookie);
		return true;
	case 1:
		put_option(a, DNS_OPTION_COOKIE, "12345678", COOKIE_CLIENT_LEN);
		return true;
	case 2: /* of another server, or of no length that there is */
		put_option(a, DNS_OPTION_COOKIE, zeros, asking_take(a) % 44);
		return true;
	case 3:
		put_option(a, DNS_OPTION_NSID, zeros, kind >> 6);
		return false;
	case 4:
		put_option(a, DNS_OPTION_KEEPALIVE, zeros, kind >> 6);
		return false;
	case 5: /* client subnet, DAU, padding, EDE: nothing to us */
		put_option(a, (const uint16_t[]){8, 5, 12, 15}[kind >> 6], zeros,
			asking_take(a) % sizeof(zeros));
		return false;
	default:
		put_option(a, 0xFF00 | asking_take(a), zeros, kind >> 5);
		return false;
	}
}

static void put_opt(struct asking *a, uint8_t how)
{
	static const uint16_t sizes[] = {
		0, 512, 513, 600, 1232, 1400, 4096, UINT16_MAX};
	size_t at_len;
	bool has_cookie = false;

	put8(a, 0);
	put16(a, DNS_OPT);
	put16(a, sizes[how >> 1 & 7]);
	put8(a, 0);
	put8(a, (how & 0xF0) == 0xF0); /* version */
	put16(a, how & 0x10 ? 0x8000 : 0);
	at_len = a->len;
	put16(a, 0);
	for (uint8_t n = asking_take(a) & OPTIONS_MAX; n > 0; n--)
		has_cookie |= put_any_option(a, has_cookie);
	dns_put16(a->query + at_len, (uint16_t)(a->len - at_len - 2));
}

/* ---- the message --------------------------------------------------------------------------------- */

/* Changes single octets of what was made. */
static void patch(struct asking *a)
{
	for (int i = 0; i < PATCHES_MAX && a->left >= 2; i++) {
		size_t at = asking_take(a);

		a->query[at % a->len] = asking_take(a);
		a->cookie_is_good = false;
	}
}

void asking_make(struct asking *a)
{
	uint8_t how = asking_take(a);
	uint8_t edns;
	bool is_readable = true;

	a->len = 0;
	a->cookie_is_good = false;
	put16(a, 0x1234);
	put16(a, (uint16_t)((how & 1) << 8 | (how & 0x0E) << 4)); /* RD; Z, AD, CD */
	put16(a, (how & 0xF0) != 0x10);
	put16(a, 0);
	put16(a, 0);
	put16(a, 0);
	if ((how & 0xF0) != 0x10)
		is_readable = put_question(a);
	edns = asking_take(a);
	if (edns & 1) {
		put_opt(a, edns);
		a->query[11] = 1;
	}
	a->cookie_is_good = a->cookie_is_good && is_readable;
	patch(a);
}
