/* SPDX-License-Identifier: MIT */
#include "zone/arpa.h"

#include "base/error.h"
#include "test.h"

static struct prefix prefix(const char *text)
{
	struct prefix p;

	cr_assert_eq(prefix_parse(text, &p), CMAP_OK, "%s", text);
	return p;
}

static struct dname dname(const char *text)
{
	struct dname d;

	cr_assert_eq(dname_from_plain(text, &d), CMAP_OK, "%s", text);
	return d;
}

Test(arpa, networks_that_end_with_a_label_have_names)
{
	static const char *const names[][2] = {
		{"172.31.16.1", "1.16.31.172.in-addr.arpa."},
		{"172.31.0.0/16", "31.172.in-addr.arpa."},
		{"255.0.100.9", "9.100.0.255.in-addr.arpa."},
		{"0.0.0.0/0", "in-addr.arpa."}, {"::/0", "ip6.arpa."},
		{"fd00:1::/64", "0.0.0.0.0.0.0.0.1.0.0.0.0.0.d.f.ip6.arpa."},
		{"f000::/4", "f.ip6.arpa."},
		{"fd00:1::ab", "b.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
			       "0.0.0.0.0.0.0.0.1.0.0.0.0.0.d.f.ip6.arpa."}};

	for (size_t i = 0; i < CMAP_COUNT(names); i++) {
		struct prefix p = prefix(names[i][0]);
		struct dname d;
		char text[DNAME_TEXT];

		arpa_name(&p, &d);
		dname_to_text(d.wire, text);
		cr_assert_str_eq(text, names[i][1]);
		cr_assert_eq(dname_wire_len(d.wire, d.len), d.len);
		cr_assert_eq(arpa_networks(&p), 1);
		cr_assert(arpa_is_within(d.wire, d.len));
	}
}

Test(arpa, others_fall_into_such)
{
	static const struct {
		const char *network;
		uint32_t n;
		const char *first, *last;
	} cases[] = {
		{"172.31.16.0/20", 16, "16.31.172.in-addr.arpa.",
			"31.31.172.in-addr.arpa."},
		{"128.0.0.0/1", 128, "128.in-addr.arpa.", "255.in-addr.arpa."},
		{"100.64.0.0/10", 64, "64.100.in-addr.arpa.", "127.100.in-addr.arpa."},
		{"10.0.0.4/31", 2, "4.0.0.10.in-addr.arpa.", "5.0.0.10.in-addr.arpa."},
		{"fc00::/7", 2, "c.f.ip6.arpa.", "d.f.ip6.arpa."},
		{"fe80::/10", 4, "8.e.f.ip6.arpa.", "b.e.f.ip6.arpa."},
		{"fd00:10::/29", 8, "0.1.0.0.0.0.d.f.ip6.arpa.",
			"7.1.0.0.0.0.d.f.ip6.arpa."},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct prefix p = prefix(cases[i].network);
		struct dname d;
		char text[DNAME_TEXT];

		cr_assert_eq(arpa_networks(&p), cases[i].n, "%s", cases[i].network);
		arpa_network_name(&p, 0, &d);
		dname_to_text(d.wire, text);
		cr_assert_str_eq(text, cases[i].first);
		arpa_network_name(&p, cases[i].n - 1, &d);
		dname_to_text(d.wire, text);
		cr_assert_str_eq(text, cases[i].last);
	}
}

Test(arpa, names_are_of_networks_or_of_none)
{
	struct prefix p = prefix("fd00::/14"), ipv4 = prefix("0.0.0.0/0");
	static const struct {
		const char *name;
		bool is_in, is_network;
	} cases[] = {
		{"0.0.d.f.ip6.arpa", true, true},
		{"d.f.ip6.arpa", false, true}, /* wider */
		{"ip6.arpa", false, true},
		{"4.0.d.f.ip6.arpa", false, true}, /* beside */
		{"3.0.d.f.ip6.arpa", true, true},
		{"g.3.0.d.f.ip6.arpa", false, false},
		{"00.3.0.d.f.ip6.arpa", false, false},
		{"a.bc.3.0.d.f.ip6.arpa", false, false},
		{"abc.ip6.arpa", false, false},
		{"3.0.d.f.ip6.arpa.example", false, false},
		{"3.0.d.f.in-addr.arpa", false, false},
		{"arpa", false, false},
	};
	struct dname d;
	struct prefix address = prefix("fd00::1");

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		d = dname(cases[i].name);
		cr_assert_eq(arpa_is_in_network(&p, d.wire, d.len), cases[i].is_in,
			"%s", cases[i].name);
		cr_assert_not(arpa_is_in_network(&ipv4, d.wire, d.len));
		cr_assert_eq(arpa_is_network(d.wire, d.len), cases[i].is_network, "%s",
			cases[i].name);
	}
	arpa_name(&address, &d);
	cr_assert(arpa_is_in_network(&p, d.wire, d.len));
	cr_assert_not(arpa_is_network(d.wire, d.len), "it is an address");
	memmove(d.wire + 2, d.wire, d.len);
	d.len = (uint8_t)(d.len + 2);
	cr_assert_not(arpa_is_in_network(&p, d.wire, d.len), "too long");
	cr_assert_not(arpa_is_network(d.wire, d.len));
	d = dname(".");
	cr_assert_not(arpa_is_network(d.wire, d.len));
	cr_assert_not(arpa_is_within(d.wire, d.len));
}
