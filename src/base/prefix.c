/* SPDX-License-Identifier: MIT */
#include "base/prefix.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

const struct prefix prefix_private[] = {
	{4, 8, {127}},
	{4, 8, {10}},
	{4, 12, {172, 16}},
	{4, 16, {192, 168}},
	{4, 10, {100, 64}},
	{4, 16, {169, 254}},
	{16, 128, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
	{16, 7, {0xFC}},
	{16, 10, {0xFE, 0x80}},
};
const size_t prefix_n_private = CMAP_COUNT(prefix_private);

/* One to three digits without a needless zero, at most max. */
static int bits_parse(const char *text, unsigned int max, uint8_t *out)
{
	size_t n = strspn(text, "0123456789");

	if (n == 0 || n > 3 || text[n] != '\0' || (n > 1 && text[0] == '0') ||
		strtoul(text, NULL, 10) > max)
		return CMAP_E_INVALID;
	*out = (uint8_t)strtoul(text, NULL, 10);
	return CMAP_OK;
}

static bool is_clear_behind(const struct prefix *p)
{
	struct prefix cut = {.len = p->len, .bits = p->bits};

	memcpy(cut.octets, p->octets, p->bits / 8u);
	if (p->bits % 8 != 0)
		cut.octets[p->bits / 8] =
			p->octets[p->bits / 8] & (uint8_t)(0xFF00 >> p->bits % 8);
	return memcmp(cut.octets, p->octets, sizeof(cut.octets)) == 0;
}

int prefix_parse(const char *text, struct prefix *out)
{
	struct prefix p = {.len = strchr(text, ':') != NULL ? 16 : 4};
	const char *slash = strchr(text, '/');
	char host[INET6_ADDRSTRLEN];
	size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);

	if (len >= sizeof(host))
		return CMAP_E_INVALID;
	memcpy(host, text, len);
	host[len] = '\0';
	p.bits = (uint8_t)(p.len * 8);
	if (inet_pton(p.len == 4 ? AF_INET : AF_INET6, host, p.octets) != 1 ||
		(slash != NULL && bits_parse(slash + 1, p.bits, &p.bits) != CMAP_OK))
		return CMAP_E_INVALID;
	if (!is_clear_behind(&p))
		return CMAP_E_RANGE;
	*out = p;
	return CMAP_OK;
}

void prefix_format(const struct prefix *p, char out[PREFIX_TEXT])
{
	char host[INET6_ADDRSTRLEN] = "?";

	inet_ntop(p->len == 4 ? AF_INET : AF_INET6, p->octets, host, sizeof(host));
	snprintf(out, PREFIX_TEXT, "%s/%u", host, p->bits);
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->len == b->len && a->bits == b->bits &&
	       memcmp(a->octets, b->octets, a->len) == 0;
}

bool prefix_holds(const struct prefix *p, const uint8_t *address, size_t len)
{
	size_t whole = p->bits / 8;
	unsigned int rest = p->bits % 8;

	if (p->len != len)
		return false;
	for (size_t i = 0; i < whole; i++)
		if (p->octets[i] != address[i])
			return false;
	return rest == 0 || ((p->octets[whole] ^ address[whole]) >> (8 - rest)) == 0;
}
