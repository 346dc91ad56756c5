/* SPDX-License-Identifier: MIT */
#include "server/cookie.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "test.h"

static void from_hex(const char *hex, uint8_t *out)
{
	unsigned int octet;

	for (; *hex != '\0'; hex += 2) {
		cr_assert_eq(sscanf(hex, "%2x", &octet), 1);
		*out++ = (uint8_t)octet;
	}
}

static struct client client_at(const char *address)
{
	struct client c = {.len = strchr(address, ':') != NULL ? 16 : 4};

	cr_assert_eq(inet_pton(c.len == 4 ? AF_INET : AF_INET6, address, c.octets), 1);
	return c;
}

/* RFC 9018 appendix A. */
Test(cookie, is_what_the_rfc_shows)
{
	static const struct {
		const char *secret, *address, *client, *cookie;
		uint32_t now_s;
	} cases[] = {
		{"e5e973e5a6b2a43f48e7dc849e37bfcf", "198.51.100.100",
			"2464c4abcf10c957",
			"2464c4abcf10c957010000005cf79f111f8130c3eee29480", 1559731985},
		{"dd3bdf9344b678b185a6f5cb60fca715",
			"2001:db8:220:1:59de:d0f4:8769:82b8", "22681ab97d52c298",
			"22681ab97d52c298010000005cf7c57926556bd0934c72f8", 1559741817},
		{"445536bcd2513298075a5d379663c962",
			"2001:db8:220:1:59de:d0f4:8769:82b8", "22681ab97d52c298",
			"22681ab97d52c298010000005cf7c609a6bb79d16625507a", 1559741961},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct cookie_secrets secrets = {.n = 1};
		struct client client = client_at(cases[i].address);
		uint8_t asked[COOKIE_CLIENT_LEN], expected[COOKIE_LEN], got[COOKIE_LEN];

		from_hex(cases[i].secret, secrets.secret[0]);
		from_hex(cases[i].client, asked);
		from_hex(cases[i].cookie, expected);
		cookie_answer(&secrets, &client, asked, false, cases[i].now_s, got);
		cr_assert_eq(memcmp(got, expected, COOKIE_LEN), 0, "case %zu", i);
		cr_assert(cookie_is_good(&secrets, &client, got, COOKIE_LEN,
			cases[i].now_s));
	}
}

static void make(const struct cookie_secrets *s, const struct client *c, uint32_t now_s,
	uint8_t out[COOKIE_LEN])
{
	static const uint8_t asked[COOKIE_CLIENT_LEN] = "abcdefgh";

	cookie_answer(s, c, asked, false, now_s, out);
}

Test(cookie, is_good_for_its_time_also_where_seconds_wrap)
{
	static const uint32_t starts[] = {1559731985, INT32_MAX, UINT32_MAX, 0};
	struct cookie_secrets secrets = {.n = 1, .secret = {"0123456789abcde"}};
	struct client client = client_at("10.0.0.1");
	uint8_t cookie[COOKIE_LEN];

	for (size_t i = 0; i < CMAP_COUNT(starts); i++) {
		uint32_t now_s = starts[i];

		make(&secrets, &client, now_s, cookie);
		cr_assert(cookie_is_good(&secrets, &client, cookie, COOKIE_LEN,
			now_s + 3600));
		cr_assert_not(cookie_is_good(&secrets, &client, cookie, COOKIE_LEN,
			now_s + 3601));
		cr_assert(cookie_is_good(&secrets, &client, cookie, COOKIE_LEN,
			now_s - 300));
		cr_assert_not(cookie_is_good(&secrets, &client, cookie, COOKIE_LEN,
			now_s - 301));
	}
}

Test(cookie, is_good_for_nobody_else_and_in_no_other_form)
{
	struct cookie_secrets secrets = {.n = 1, .secret = {"0123456789abcde"}};
	struct client client = client_at("10.0.0.1"), other = client_at("10.0.0.2");
	uint8_t cookie[COOKIE_LEN];

	make(&secrets, &client, 1000, cookie);
	cr_assert_not(cookie_is_good(&secrets, &other, cookie, COOKIE_LEN, 1000));
	cr_assert_not(cookie_is_good(&secrets, &client, cookie, COOKIE_CLIENT_LEN,
		1000));
	cr_assert_not(cookie_is_good(&secrets, &client, cookie, COOKIE_LEN - 1, 1000));
	for (int bit = 0; bit < COOKIE_LEN * 8; bit++) {
		cookie[bit / 8] ^= (uint8_t)(1 << bit % 8);
		cr_assert_not(cookie_is_good(&secrets, &client, cookie, COOKIE_LEN,
				      1000),
			"bit %d", bit);
		cookie[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	cr_assert(cookie_is_good(&secrets, &client, cookie, COOKIE_LEN, 1000));
}

Test(cookie, outlives_one_change_of_the_secret)
{
	struct cookie_secrets first = {.n = 1, .secret = {"first secret 16"}};
	struct cookie_secrets both = {
		.n = 2, .secret = {"second secret 1", "first secret 16"}};
	struct cookie_secrets third = {
		.n = 2, .secret = {"third secret 12", "second secret 1"}};
	struct client client = client_at("2001:db8::1");
	uint8_t cookie[COOKIE_LEN], next[COOKIE_LEN];

	make(&first, &client, 1000, cookie);
	cr_assert(cookie_is_good(&both, &client, cookie, COOKIE_LEN, 1100));
	cr_assert_not(cookie_is_good(&third, &client, cookie, COOKIE_LEN, 1100));
	make(&both, &client, 1000, next);
	cr_assert(memcmp(next, cookie, COOKIE_LEN) != 0);
	cr_assert(cookie_is_good(&third, &client, next, COOKIE_LEN, 1100));
}

Test(cookie, is_kept_while_fresh_and_renewed_before_it_ends)
{
	struct cookie_secrets secrets = {.n = 1, .secret = {"0123456789abcde"}};
	struct client client = client_at("10.0.0.1");
	uint8_t cookie[COOKIE_LEN], got[COOKIE_LEN];

	make(&secrets, &client, 1000, cookie);
	cookie_answer(&secrets, &client, cookie, true, 2799, got);
	cr_assert_eq(memcmp(got, cookie, COOKIE_LEN), 0);
	cookie_answer(&secrets, &client, cookie, true, 2800, got);
	cr_assert(memcmp(got, cookie, COOKIE_LEN) != 0);
	cr_assert(cookie_is_good(&secrets, &client, got, COOKIE_LEN, 2800));
}
