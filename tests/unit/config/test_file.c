/* SPDX-License-Identifier: MIT */
/* Config files: what is refused, with the very words, and what the settings are otherwise. */
#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"
#include "config/file.h"
#include "test.h"

static const struct {
	const char *text;
	const char *why;
} malformed[] = {
	{"lesae = 3\n", "1: no such option 'lesae'"},
	{"\n# one\nlesae = 3\n", "3: no such option 'lesae'"},
	{"answers = 8\r\n\r\nlesae = 3\r\n", "3: no such option 'lesae'"},
	{"listen = {\n  \"127.0.0.1:53\", # one\n  \"[::1]:53\"\n}\nlesae = 3",
		"5: no such option 'lesae'"},
	{"Answers = 8\n", "1: no such option 'Answers'"},
	{"include(\"/etc/passwd\")\n", "1: no such option 'include'"},
	{"server {\n}\n", "1: no such option 'server'"},
	{"answers 8\n", "1: missing equal sign after option 'answers'"},
	{"answers\n= eight\n", "2: answers: 'eight' is not a number from 0 to 1000"},
	{"answers = 1001\n", "1: answers: '1001' is not a number from 0 to 1000"},
	{"answers = ''\n", "1: answers: '' is not a number from 0 to 1000"},
	{"answers = {8}\n", "1: unexpected token '{'"},
	{"answers += 8\n", "1: attempt to append to non-list option 'answers'"},
	{"answers == 8\n", "1: unexpected token '='"},
	{"answers = +8\n", "1: unexpected '+'"},
	{"answers = 8*2\n", "1: unexpected '*'"},
	{"answers = 8; udp_size = 512\n",
		"1: answers: '8;' is not a number from 0 to 1000"},
	{"answers = 8 9\n", "1: no such option '9'"},
	{"answers = 8)\n", "1: unexpected token ')'"},
	{"\n\nanswers = 8\n\nanswers = 9\n",
		"5: 'answers' is set twice, first on line 3"},
	{"answers = 8 answers = 8", "1: 'answers' is set twice, first on line 1"},
	{"namespace = {a}\nnamespace = {b}\n",
		"2: 'namespace' is set twice, first on line 1"},
	{"namespace += {a}\nnamespace = {b}\n",
		"2: 'namespace' is set twice, first on line 1"},
	{"\ndb =\nsocket = x\n", "2: no value behind '='"},
	{"db = # a comment\nx\n", "1: no value behind '='"},
	{"answers = 8\ndb =", "2: no value behind '='"},
	{"listen =\n{127.0.0.1:53}\n", "1: no value behind '='"},
	{"listen = {127.0.0.1:53\n\n", "3: premature end of file"},
	{"listen = {127.0.0.1:53\nanswers = 8\n", "2: unexpected token 'answers'"},
	{"listen = {,}\n", "1: unexpected token ','"},
	{"listen = {{\n", "1: unexpected token '{'"},
	{"listen = 127.0.0.1:53, [::1]:53\n", "1: unexpected token ','"},
	{"listen = {127.0.0.1:53,\n 127.0.0.1:99999}\n",
		"2: listen: '127.0.0.1:99999' is not an address such as 127.0.0.1:53 "
		"or [::1]:53"},
	{"}\n", "1: unexpected closing brace"},
	{"= 8\n", "1: unexpected token '='"},
	{"\"answers\" = 8\n", "1: the name of an option stands without quotes"},
	{"answers = 8\ndb = \"/a\nsocket = \"/b\"\n", "2: no closing quote"},
	{"db = '/a", "1: no closing quote"},
	{"db = \"/a\\", "1: no closing quote"},
	{"db = \"/a\\\n/b\"", "1: no closing quote"},
	{"db = ${HOME}/x\n",
		"1: '${' is not replaced by the environment; put it in single quotes"},
	{"db = \"${HOME}/x\"\n",
		"1: '${' is not replaced by the environment; put it in single quotes"},
	{"db = \"/a\\0b\"\n", "1: characters can't be given by number"},
	{"db = \"/a\\x41\"\n", "1: characters can't be given by number"},
	{"db = \"/a\\tb\"\n", "1: db: a control character in '/a\tb'"},
	{"/* all */\n", "1: a comment begins with '#'"},
	{"answers = 8 // eight\n", "1: a comment begins with '#'"},
	{"tcp_idle = 10\n", "1: tcp_idle: '10' is not a duration from 1s to 1h"},
	{"log_level = INFO\n",
		"1: log_level: 'INFO' is not one of error, warning, info, debug"},
};

Test(file, malformed_is_refused_with_its_line)
{
	for (size_t i = 0; i < CMAP_COUNT(malformed); i++) {
		const char *text = malformed[i].text;
		struct settings s = {0};
		struct buf why = {0};
		char *expected = xasprintf("f.conf:%s", malformed[i].why);

		cr_expect_eq(file_parse("f.conf", text, strlen(text), &s, &why),
			CMAP_E_INVALID, "%s", text);
		cr_expect_str_eq(buf_text(&why), expected, "%s", buf_text(&why));
		for (size_t k = 0; k < CONFIG_OPTIONS; k++)
			cr_expect_null(s.of[k].where, "%s", text);
		buf_free(&why);
		settings_free(&s);
		free(expected);
	}
}

Test(file, a_nul_byte_is_refused_wherever_it_stands)
{
	static const char text[] = "answers = 8\ndb = \"/a\0b\"\n";
	static const char between[] = "answers = 8\0\n";
	static const char word[] = "\n\ndb = /a\0b";
	struct settings s = {0};
	struct buf why = {0};

	cr_expect_eq(file_parse("f", text, sizeof(text) - 1, &s, &why), CMAP_E_INVALID);
	cr_expect_str_eq(buf_text(&why), "f:2: a NUL byte");
	buf_free(&why);
	cr_expect_eq(file_parse("f", between, sizeof(between) - 1, &s, &why),
		CMAP_E_INVALID);
	cr_expect_str_eq(buf_text(&why), "f:1: a NUL byte");
	buf_free(&why);
	cr_expect_eq(file_parse("f", word, sizeof(word) - 1, &s, &why), CMAP_E_INVALID);
	cr_expect_str_eq(buf_text(&why), "f:3: a NUL byte");
	buf_free(&why);
	settings_free(&s);
}

/* The values of option in text, joined by '|'; "-" if it was not set. */
static char *values(const char *text, const char *option)
{
	struct settings s = {0};
	struct buf why = {0}, all = {0};
	int err = file_parse("f.conf", text, strlen(text), &s, &why);
	const struct setting *set = settings_of(&s, config_option_find(option));

	cr_expect_eq(err, CMAP_OK, "%s: %s", text, buf_text(&why));
	if (!set->where)
		buf_add_text(&all, "-");
	for (size_t i = 0; i < set->n; i++)
		buf_printf(&all, "%s%s", i ? "|" : "", set->text[i]);
	settings_free(&s);
	buf_free(&why);
	return buf_take(&all);
}

Test(file, what_is_written_is_what_is_set)
{
	static const struct {
		const char *text;
		const char *option;
		const char *values;
	} table[] = {
		{"", "db", "-"},
		{"\n\r\n# db = x\n", "db", "-"},
		{"db = x", "db", "x"},
		{"db=x#comment", "db", "x"},
		{"answers = 8 db = x\n", "db", "x"},
		{"\tdb\n=\tx # comment", "db", "x"},
		{"db = /var//lib/x", "db", "/var//lib/x"},
		{"db = \"a # b\"", "db", "a # b"},
		{"db = \"a \\\"b\\\" \\\\ \\${c}\"", "db", "a \"b\" \\ ${c}"},
		{"db = 'a \\'b\\' \\\\ ${c}'", "db", "a 'b' \\ ${c}"},
		{"db = \"\xC3\xA4\"", "db", "\xC3\xA4"},
		{"listen = 127.0.0.2:53", "listen", "127.0.0.2:53"},
		{"listen = {}", "listen", ""},
		{"listen = {[::1]:53, 127.0.0.2:53}", "listen",
			"[::1]:53|127.0.0.2:53"},
		{"listen = { # why\n\t\"[::1]:53\", # one\n\t# two\n}\n", "listen",
			"[::1]:53"},
		{"listen += {[::1]:53}", "listen", "127.0.0.1:53|[::1]:53"},
		{"namespace += {a}\nnamespace += {b}", "namespace", "a|b"},
		{"namespace = {a}\nnamespace += b", "namespace", "a|b"},
		{"answers = 8\r\ndb = x\r\n", "db", "x"},
	};

	for (size_t i = 0; i < CMAP_COUNT(table); i++) {
		char *got = values(table[i].text, table[i].option);

		cr_expect_str_eq(got, table[i].values, "%s: %s", table[i].text, got);
		free(got);
	}
}

Test(file, a_setting_knows_its_line)
{
	static const char text[] = "answers = 8\n\nlisten = {\n  127.0.0.2:53\n}\n";
	struct settings s = {0};
	struct buf why = {0};

	cr_assert_eq(file_parse("a/f.conf", text, strlen(text), &s, &why), CMAP_OK);
	cr_expect_str_eq(settings_of(&s, config_option_find("listen"))->where,
		"a/f.conf:3");
	settings_free(&s);
	buf_free(&why);
}

/* libconfuse's scanner is one for the process: an error must not reach into the next file. */
Test(file, an_error_leaves_nothing_behind)
{
	for (size_t i = 0; i < CMAP_COUNT(malformed); i++) {
		struct settings s = {0};
		struct buf why = {0};
		char *got;

		if (file_parse("f", malformed[i].text, strlen(malformed[i].text), &s,
			    &why) == CMAP_OK)
			cr_expect_fail("taken: %s", malformed[i].text);
		got = values("db = \"x\" # y", "db");
		cr_expect_str_eq(got, "x", "after %s", malformed[i].text);
		free(got);
		buf_free(&why);
		settings_free(&s);
	}
}
