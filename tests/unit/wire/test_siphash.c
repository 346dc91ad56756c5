/* SPDX-License-Identifier: MIT */
#include "wire/siphash.h"

#include "test.h"

/* The key 00 01 .. 0f and the input 00 01 .. of each length; the paper's appendix A gives the one of 15. */
Test(siphash, gives_the_papers_values)
{
	static const struct {
		size_t len;
		uint64_t hash;
	} cases[] = {{0, UINT64_C(0x726fdb47dd0e0e31)},
		{1, UINT64_C(0x74f839c593dc67fd)}, {7, UINT64_C(0xab0200f58b01d137)},
		{8, UINT64_C(0x93f5f5799a932462)}, {15, UINT64_C(0xa129ca6149be45e5)}};
	uint8_t key[SIPHASH_KEY_LEN], in[16];

	for (uint8_t i = 0; i < 16; i++)
		key[i] = in[i] = i;
	for (size_t i = 0; i < CMAP_COUNT(cases); i++)
		cr_assert_eq(siphash24(key, in, cases[i].len), cases[i].hash,
			"length %zu", cases[i].len);
}
