/* SPDX-License-Identifier: MIT */
#include "zone/arpa.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

enum { NIBBLES = 32 };

static const uint8_t ipv4_root[] = "\007in-addr\004arpa";
static const uint8_t ipv6_root[] =
	"\003ip6\004arpa"; /* their NULs are the root's label */

static uint8_t bits_of_label(const struct prefix *p)
{
	return p->len == 4 ? 8 : 4;
}

static uint8_t nibble(const struct prefix *p, uint32_t i)
{
	return i % 2 == 0 ? p->octets[i / 2] >> 4 : p->octets[i / 2] & 0xF;
}

void arpa_name(const struct prefix *p, struct dname *out)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *at = out->wire;
	uint32_t n = p->bits / bits_of_label(p);

	while (n-- > 0) {
		if (p->len == 4) {
			char text[4];
			int len = snprintf(text, sizeof(text), "%u", p->octets[n]);

			*at++ = (uint8_t)len;
			memcpy(at, text, (size_t)len);
			at += len;
		} else {
			*at++ = 1;
			*at++ = (uint8_t)digits[nibble(p, n)];
		}
	}
	if (p->len == 4) {
		memcpy(at, ipv4_root, sizeof(ipv4_root));
		at += sizeof(ipv4_root);
	} else {
		memcpy(at, ipv6_root, sizeof(ipv6_root));
		at += sizeof(ipv6_root);
	}
	out->len = (uint8_t)(at - out->wire);
}

/* Bits that p lacks to the end of a label. */
static unsigned int bits_lacking(const struct prefix *p)
{
	return (bits_of_label(p) - p->bits % bits_of_label(p)) % bits_of_label(p);
}

uint32_t arpa_networks(const struct prefix *p)
{
	return UINT32_C(1) << bits_lacking(p);
}

void arpa_network_name(const struct prefix *p, uint32_t number, struct dname *out)
{
	struct prefix network = *p;

	network.bits = (uint8_t)(p->bits + bits_lacking(p));
	if (network.bits > p->bits)
		network.octets[(network.bits - 1) / 8] |=
			(uint8_t)(network.bits % 8 == 0 ? number : number << 4);
	arpa_name(&network, out);
}

/* The octets of the name before root, whose len counts its NUL; -1 if it does not end so. */
static int before_root(const uint8_t *name, size_t len, const uint8_t *root,
	size_t root_len)
{
	size_t at = 0;

	while (len - at > root_len)
		at += 1u + name[at];
	return len - at == root_len && memcmp(name + at, root, root_len) == 0 ? (int)at
									      : -1;
}

bool arpa_is_within(const uint8_t *name, size_t len)
{
	return before_root(name, len, ipv4_root, sizeof(ipv4_root)) >= 0 ||
	       before_root(name, len, ipv6_root, sizeof(ipv6_root)) >= 0;
}

static int read_nibble(uint8_t digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* The IPv6 network or address of that name; CMAP_E_INVALID if it is of none. */
static int read_nibbles(const uint8_t *name, size_t len, struct prefix *out)
{
	int n = before_root(name, len, ipv6_root, sizeof(ipv6_root)) / 2;
	struct prefix p = {.len = 16, .bits = (uint8_t)(4 * n)};

	if (before_root(name, len, ipv6_root, sizeof(ipv6_root)) != 2 * n ||
		n > NIBBLES)
		return CMAP_E_INVALID;
	for (int i = 0; i < n; i++) {
		const uint8_t *label = name + 2 * (n - 1 - i);
		int digit = read_nibble(label[1]);

		if (label[0] != 1 || digit < 0)
			return CMAP_E_INVALID;
		p.octets[i / 2] |= (uint8_t)(i % 2 == 0 ? digit << 4 : digit);
	}
	*out = p;
	return CMAP_OK;
}

bool arpa_is_in_network(const struct prefix *p, const uint8_t *name, size_t len)
{
	struct prefix of;

	return p->len == 16 && read_nibbles(name, len, &of) == CMAP_OK &&
	       of.bits >= p->bits && prefix_holds(p, of.octets, of.len);
}

bool arpa_is_network(const uint8_t *name, size_t len)
{
	struct prefix of;

	return read_nibbles(name, len, &of) == CMAP_OK && of.bits < 4 * NIBBLES;
}
