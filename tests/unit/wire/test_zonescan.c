/* SPDX-License-Identifier: MIT */
#include "wire/zonescan.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "test.h"

/* All entries of text as "LINE[+]:token|token"; a quoted token in <>, an indented entry with '+'. */
static char *scan(const char *text, size_t len)
{
	struct zonescan s;
	struct buf out = {.data = NULL}, why = {.data = NULL};
	int err;

	zonescan_init(&s, text, len);
	while ((err = zonescan_next(&s, &why)) == CMAP_OK && s.n > 0) {
		buf_printf(&out, "%s%u%s:", out.len > 0 ? " " : "", s.first_line,
			s.is_indented ? "+" : "");
		for (size_t i = 0; i < s.n; i++)
			buf_printf(&out, "%s%s%.*s%s", i > 0 ? "|" : "",
				s.token[i].quoted ? "<" : "", (int)s.token[i].len,
				s.token[i].text, s.token[i].quoted ? ">" : "");
	}
	if (err != CMAP_OK)
		buf_printf(&out, "%s%u!%s", out.len > 0 ? " " : "", s.first_line,
			buf_text(&why));
	zonescan_free(&s);
	buf_free(&why);
	return buf_take(&out);
}

static void check(const char *text, const char *expected)
{
	char *got = scan(text, strlen(text));

	cr_expect_str_eq(got, expected, "%s", text);
	free(got);
}

Test(zonescan, words_lines_and_comments)
{
	check("", "");
	check("\n\n  \n ; c\n", "");
	check("a b\tc", "1:a|b|c");
	check("a\nb\n", "1:a 2:b");
	check("; first\n\n a b ; c\r\nd\r\n", "3+:a|b 4:d");
	check("a;b", "1:a");
	check("\ta", "1+:a");
	check("a\\;b \\( \\\" \\032", "1:a\\;b|\\(|\\\"|\\032");
	check("caf\xC3\xA9 \x7F", "1:caf\xC3\xA9|\x7F");
}

Test(zonescan, parentheses_hold_lines_together)
{
	check("a ( b\n  c ) d\ne", "1:a|b|c|d 3:e");
	check("(\n\n(a)\n) b\n c", "1:a|b 5+:c");
	check("a ( ; )\n b ; (\n )", "1:a|b");
	check("a(b)c", "1:a|b|c");
	check("x\n ( \"(\" )", "1:x 2+:<(>");
}

Test(zonescan, quotes_hold_what_would_divide)
{
	check("a \"b c;()\" d", "1:a|<b c;()>|d");
	check("\"\"", "1:<>");
	check("\"a\\\"b\" \"c\\\\\"", "1:<a\\\"b>|<c\\\\>");
	check("a\"b\"c", "1:a|<b>|c");
}

Test(zonescan, what_cannot_be_cut_is_told_with_its_line)
{
	check("a\nb \"c\nd\"", "1:a 2!a quoted string does not end on its line");
	check("\"c", "1!a quoted string does not end on its line");
	check("a\n\nb )", "1:a 3!')' without '('");
	check("a\nb (\n c\n d", "1:a 2!'(' without ')'");
	check("a\nb ( x ) (\n c\n d", "1:a 2!'(' without ')'");
	check("a (\nb \\\n)", "2!a backslash at the end of the line");
	check("a\\", "1!a backslash at the end of the line");
	check("\"a\\", "1!a backslash at the end of the line");
	check("a\\12", "1!a backslash before a digit must be \\000 to \\255");
	check("a\\256", "1!a backslash before a digit must be \\000 to \\255");
	check("a\\1x4", "1!a backslash before a digit must be \\000 to \\255");
}

Test(zonescan, nul_is_refused_wherever_it_stands)
{
	static const char *const places[] = {"a\nb@c", "a\n@", "a\n\"x@\"", "a\nb\\@"};

	for (size_t i = 0; i < CMAP_COUNT(places); i++) {
		char text[16], *got;
		size_t len = strlen(places[i]);

		strcpy(text, places[i]);
		*strchr(text, '@') = '\0';
		got = scan(text, len);
		cr_expect_eq(strncmp(got, "1:a 2!", 6), 0, "%zu: %s", i, got);
		free(got);
	}
}

Test(zonescan, a_record_of_too_many_words_is_refused)
{
	struct buf text = {.data = NULL};
	char *got;

	for (int i = 0; i < ZONESCAN_TOKENS_MAX; i++)
		buf_add_text(&text, "a ");
	got = scan(buf_text(&text), text.len);
	cr_expect_eq(strlen(got), 2u * ZONESCAN_TOKENS_MAX + 1);
	free(got);
	buf_add_text(&text, "a");
	got = scan(buf_text(&text), text.len);
	cr_expect_str_eq(got, "1!more words than a record can have");
	free(got);
	buf_free(&text);
}

Test(zonescan, octets_are_read_through_their_escapes)
{
	const char *text = "a\\.\\000\\255\\\\\xFF";
	struct zonescan_token t = {.text = text, .len = strlen(text)};
	static const int octets[] = {'a', '.', 0, 255, '\\', 255, -1, -1};
	size_t at = 0;

	for (size_t i = 0; i < CMAP_COUNT(octets); i++)
		cr_expect_eq(zonescan_octet(&t, &at), octets[i], "%zu", i);
}

Test(zonescan, a_word_is_known_in_any_case_but_not_in_quotes)
{
	struct zonescan_token t = {.text = "$tTL", .len = 4};

	cr_expect(zonescan_is(&t, "$TTL"));
	cr_expect_not(zonescan_is(&t, "$TT"));
	cr_expect_not(zonescan_is(&t, "$TTLS"));
	t.quoted = true;
	cr_expect_not(zonescan_is(&t, "$TTL"));
}
