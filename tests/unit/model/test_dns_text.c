/* SPDX-License-Identifier: MIT */
#include "model/dns_text.h"

#include <stdlib.h>

#include "make.h"
#include "test.h"

static bool is_name(const char *s)
{
	return dns_text_is_name(s, strlen(s));
}

static bool is_host(const char *s)
{
	return dns_text_is_host(s, strlen(s));
}

Test(dns_text, names_have_labels_between_dots)
{
	static const char *const good[] = {"a", "a.b", "a.b.", "_http._tcp.example.com",
		"-", "xn--bcher-kva.example", "*.a", "a/b:c@d", "~!\"#", "A.B"};
	static const char *const bad[] = {"", ".", "..", ".a", "a..b", "a..", "a b",
		"a\tb", "a\\b", "a\n", "\x7f", "b\xc3\xbc"};

	for (size_t i = 0; i < CMAP_COUNT(good); i++)
		cr_assert(is_name(good[i]), "%s", good[i]);
	for (size_t i = 0; i < CMAP_COUNT(bad); i++)
		cr_assert_not(is_name(bad[i]), "%s", bad[i]);
	cr_assert_not(dns_text_is_name("a\0b", 3));
}

Test(dns_text, hosts_have_letters_digits_hyphens_underscores)
{
	static const char *const good[] = {
		"a", "A-1.b_c.", "_dmarc.example.com", "1.2"};
	static const char *const bad[] = {"", ".", "a..b", "a/b", "http://a", "a:80",
		"*.a", "a b", "a\\b", "a@b"};

	for (size_t i = 0; i < CMAP_COUNT(good); i++)
		cr_assert(is_host(good[i]), "%s", good[i]);
	for (size_t i = 0; i < CMAP_COUNT(bad); i++)
		cr_assert_not(is_host(bad[i]), "%s", bad[i]);
}

Test(dns_text, a_label_has_at_most_63)
{
	cr_assert(is_name(make_run('a', 62)));
	cr_assert(is_name(make_run('a', 63)));
	cr_assert_not(is_name(make_run('a', 64)));
	cr_assert_not(is_host(make_run('a', 64)));
}

/* labels of 50 and their dots, then one that makes len in all. */
static char *name_of(size_t len)
{
	char *s = xstrdup(make_run('x', len));

	for (size_t i = 50; i + 1 < len; i += 51)
		s[i] = '.';
	return s;
}

Test(dns_text, a_name_has_at_most_253)
{
	char *s = name_of(252);

	cr_assert(is_name(s));
	free(s);
	s = name_of(253);
	cr_assert(is_name(s));
	free(s);
	s = name_of(254);
	cr_assert_not(is_name(s));
	s[253] = '.';
	cr_assert(is_name(s), "253 and a trailing dot");
	free(s);
	s = name_of(255);
	s[254] = '.';
	cr_assert_not(is_name(s), "254 and a trailing dot");
	free(s);
}

Test(dns_text, fold_lowers_and_drops_one_dot)
{
	static const char *const cases[][2] = {{"", ""}, {".", ""}, {"A", "a"},
		{"Example.COM.", "example.com"}, {"a..", "a."},
		{"@[`{ZzAa", "@[`{zzaa"}};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		char *s = dns_text_fold(cases[i][0]);

		cr_assert_str_eq(s, cases[i][1]);
		free(s);
	}
}
