/* SPDX-License-Identifier: MIT */
#include "model/reserved.h"

#include <arpa/inet.h>

#include "base/error.h"
#include "model/rules.h"
#include "test.h"

struct form {
	const char *text;
	int result;
};

Test(reserved, ipv4_is_a_dotted_quad_of_one_host)
{
	static const struct form cases[] = {
		{"10.0.0.1", CMAP_OK},
		{"127.0.0.1", CMAP_OK},
		{"0.0.0.1", CMAP_OK},
		{"223.255.255.255", CMAP_OK},
		{"240.0.0.0", CMAP_OK},
		{"255.255.255.254", CMAP_OK},
		{"0.0.0.0", CMAP_E_RANGE},
		{"255.255.255.255", CMAP_E_RANGE},
		{"224.0.0.0", CMAP_E_RANGE},
		{"239.255.255.255", CMAP_E_RANGE},
		{"", CMAP_E_INVALID},
		{"10.0.0", CMAP_E_INVALID},
		{"10.0.0.1.", CMAP_E_INVALID},
		{"10.0.0.256", CMAP_E_INVALID},
		{"10.0.0.01", CMAP_E_INVALID},
		{"10.0.0.1 ", CMAP_E_INVALID},
		{"0x0a.0.0.1", CMAP_E_INVALID},
		{"10.0.0.1/32", CMAP_E_INVALID},
		{"10.0.0.1:80", CMAP_E_INVALID},
		{"::1", CMAP_E_INVALID},
		{"localhost", CMAP_E_INVALID},
	};
	struct in_addr a;

	for (size_t i = 0; i < CMAP_COUNT(cases); i++)
		cr_assert_eq(reserved_parse_ipv4(cases[i].text, &a), cases[i].result,
			"'%s'", cases[i].text);
	cr_assert_eq(reserved_parse_ipv4("1.2.3.4", &a), CMAP_OK);
	cr_assert_eq(reserved_parse_ipv4("0.0.0.0", &a), CMAP_E_RANGE);
	cr_assert_eq(ntohl(a.s_addr), 0x01020304, "untouched by what fails");
}

Test(reserved, ipv6_is_the_address_of_one_host)
{
	static const struct form cases[] = {
		{"::1", CMAP_OK},
		{"fd00::1", CMAP_OK},
		{"FE80::1", CMAP_OK},
		{"2001:db8:0:0:0:0:0:1", CMAP_OK},
		{"feff::", CMAP_OK},
		{"::", CMAP_E_RANGE},
		{"0:0:0:0:0:0:0:0", CMAP_E_RANGE},
		{"ff00::", CMAP_E_RANGE},
		{"ff02::1", CMAP_E_RANGE},
		{"", CMAP_E_INVALID},
		{"10.0.0.1", CMAP_E_INVALID},
		{"fe80::1%eth0", CMAP_E_INVALID},
		{"[::1]", CMAP_E_INVALID},
		{"fd00::1/64", CMAP_E_INVALID},
		{"fd00:::1", CMAP_E_INVALID},
	};
	struct in6_addr a;

	for (size_t i = 0; i < CMAP_COUNT(cases); i++)
		cr_assert_eq(reserved_parse_ipv6(cases[i].text, &a), cases[i].result,
			"'%s'", cases[i].text);
	cr_assert_eq(reserved_parse_ipv6("fd00::1", &a), CMAP_OK);
	cr_assert(a.s6_addr[0] == 0xfd && a.s6_addr[15] == 1);
}

Test(reserved, port_is_1_to_65535)
{
	static const struct form cases[] = {
		{"1", 1},
		{"80", 80},
		{"0080", 80},
		{"65534", 65534},
		{"65535", 65535},
		{"0", 0},
		{"65536", 0},
		{"4294967297", 0},
		{"99999999999999999999", 0},
		{"", 0},
		{"-1", 0},
		{"+1", 0},
		{" 1", 0},
		{"1 ", 0},
		{"80.0", 0},
		{"0x50", 0},
		{"http", 0},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		uint16_t port = 7;
		int err = reserved_parse_port(cases[i].text, &port);

		cr_assert_eq(err, cases[i].result ? CMAP_OK : CMAP_E_INVALID, "'%s'",
			cases[i].text);
		cr_assert_eq(port, cases[i].result ? cases[i].result : 7, "'%s'",
			cases[i].text);
	}
}

Test(reserved, lease_is_a_second_to_seven_days)
{
	static const struct {
		const char *text;
		int result;
		int64_t ms;
	} cases[] = {
		{"999ms", CMAP_E_RANGE, 0},
		{"1000ms", CMAP_OK, 1000},
		{"1001ms", CMAP_OK, 1001},
		{"1s", CMAP_OK, 1000},
		{"30s", CMAP_OK, 30000},
		{"604799999ms", CMAP_OK, 604799999},
		{"7d", CMAP_OK, 604800000},
		{"604800001ms", CMAP_E_RANGE, 0},
		{"8d", CMAP_E_RANGE, 0},
		{"0", CMAP_E_RANGE, 0},
		{"366d", CMAP_E_RANGE, 0},
		{"30", CMAP_E_INVALID, 0},
		{"", CMAP_E_INVALID, 0},
		{"-1s", CMAP_E_INVALID, 0},
		{"1.5s", CMAP_E_INVALID, 0},
		{"30 s", CMAP_E_INVALID, 0},
	};

	cr_assert_eq(RULES_LEASE_MIN_MS, 1000);
	cr_assert_eq(RULES_LEASE_MAX_MS, 604800000);
	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		int64_t ms = 0;

		cr_assert_eq(reserved_parse_lease(cases[i].text, &ms), cases[i].result,
			"'%s'", cases[i].text);
		cr_assert_eq(ms, cases[i].ms, "'%s'", cases[i].text);
	}
}
