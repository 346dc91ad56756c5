/* SPDX-License-Identifier: MIT */
#include "wire/siphash.h"

#include <endian.h>
#include <string.h>

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void rounds(uint64_t v[4], int n)
{
	for (; n > 0; n--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static uint64_t get_le64(const uint8_t *p, size_t len)
{
	uint64_t x = 0;

	memcpy(&x, p, len);
	return le64toh(x);
}

static void absorb(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	rounds(v, 2);
	v[0] ^= word;
}

uint64_t siphash24(const uint8_t key[SIPHASH_KEY_LEN], const uint8_t *p, size_t len)
{
	uint64_t k0 = get_le64(key, 8), k1 = get_le64(key + 8, 8);
	uint64_t v[4] = {k0 ^ UINT64_C(0x736f6d6570736575),
		k1 ^ UINT64_C(0x646f72616e646f6d), k0 ^ UINT64_C(0x6c7967656e657261),
		k1 ^ UINT64_C(0x7465646279746573)};
	uint64_t last = (uint64_t)len << 56;

	for (; len >= 8; len -= 8, p += 8)
		absorb(v, get_le64(p, 8));
	absorb(v, last | get_le64(p, len));
	v[2] ^= 0xFF;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
