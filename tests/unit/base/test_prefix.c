/* SPDX-License-Identifier: MIT */
#include "base/prefix.h"

#include <arpa/inet.h>

#include "base/error.h"
#include "test.h"

Test(prefix, is_read_and_written)
{
	static const struct {
		const char *text, *written;
	} good[] = {
		{"10.0.0.0/8", "10.0.0.0/8"},
		{"0.0.0.0/0", "0.0.0.0/0"},
		{"192.0.2.1", "192.0.2.1/32"},
		{"192.0.2.128/25", "192.0.2.128/25"},
		{"::/0", "::/0"},
		{"fd00::/8", "fd00::/8"},
		{"fe80::/10", "fe80::/10"},
		{"::1", "::1/128"},
	};

	for (size_t i = 0; i < CMAP_COUNT(good); i++) {
		struct prefix p;
		char text[PREFIX_TEXT];

		cr_assert_eq(prefix_parse(good[i].text, &p), CMAP_OK, "%s",
			good[i].text);
		prefix_format(&p, text);
		cr_assert_str_eq(text, good[i].written);
	}
}

Test(prefix, anything_else_is_refused)
{
	static const char *const bad[] = {"", "/8", "10/8", "10.0.0.0/", "10.0.0.0/33",
		"10.0.0.0/08", "10.0.0.0/8 ", "10.0.0.0/-1", "::/129", "::/1000",
		"localhost/8", "10.0.0.0/8/8",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:0000:1111:2222/8"};
	static const char *const beyond[] = {
		"10.0.0.1/8", "192.0.2.128/24", "fd00::1/8", "fe90::/9"};
	struct prefix p;

	for (size_t i = 0; i < CMAP_COUNT(bad); i++)
		cr_assert_eq(prefix_parse(bad[i], &p), CMAP_E_INVALID, "%s", bad[i]);
	for (size_t i = 0; i < CMAP_COUNT(beyond); i++)
		cr_assert_eq(prefix_parse(beyond[i], &p), CMAP_E_RANGE, "%s",
			beyond[i]);
}

static bool holds(const char *prefix, const char *address)
{
	struct prefix p;
	uint8_t octets[16];
	bool six = inet_pton(AF_INET6, address, octets) == 1;

	cr_assert_eq(prefix_parse(prefix, &p), CMAP_OK);
	cr_assert(six || inet_pton(AF_INET, address, octets) == 1);
	return prefix_holds(&p, octets, six ? 16 : 4);
}

Test(prefix, holds_what_shares_its_bits)
{
	cr_assert(holds("172.16.0.0/12", "172.31.255.255"));
	cr_assert(!holds("172.16.0.0/12", "172.32.0.0"));
	cr_assert(!holds("172.16.0.0/12", "172.15.255.255"));
	cr_assert(holds("0.0.0.0/0", "203.0.113.9"));
	cr_assert(!holds("0.0.0.0/0", "::1"));
	cr_assert(holds("192.0.2.1", "192.0.2.1"));
	cr_assert(!holds("192.0.2.1", "192.0.2.0"));
	cr_assert(holds("fc00::/7", "fdff::1"));
	cr_assert(!holds("fc00::/7", "fe00::1"));
	cr_assert(!holds("::/0", "0.0.0.0"));
}
