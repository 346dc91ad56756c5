/* SPDX-License-Identifier: MIT */
#include "api/writer.h"
#include "test.h"

static const char *string_of(struct buf *b, const char *value)
{
	buf_free(b);
	writer_string(b, NULL, value);
	return buf_text(b);
}

Test(writer, puts_commas_where_they_are_due)
{
	struct buf b = {0};

	writer_open_object(&b, NULL);
	writer_open_object(&b, "empty");
	writer_close_object(&b);
	writer_string(&b, "a", "1");
	writer_optional(&b, "left out", NULL);
	writer_optional(&b, "left out, too", "");
	writer_open_array(&b, "list");
	writer_integer(&b, NULL, 1);
	writer_integer(&b, NULL, -2);
	writer_open_object(&b, NULL);
	writer_close_object(&b);
	writer_close_array(&b);
	writer_pair(&b, "k\"", "v");
	writer_close_object(&b);
	cr_assert_str_eq(buf_text(&b),
		"{\"empty\":{},\"a\":\"1\",\"list\":[1,-2,{}],\"k\\\"\":\"v\"}");
	buf_free(&b);
}

/* A value may end in what an opened object or array ends in. */
Test(writer, is_not_misled_by_brackets_in_a_value)
{
	struct buf b = {0};

	writer_open_object(&b, NULL);
	writer_string(&b, "a", "{");
	writer_string(&b, "b", "[");
	writer_string(&b, "c", ":");
	writer_close_object(&b);
	cr_assert_str_eq(buf_text(&b), "{\"a\":\"{\",\"b\":\"[\",\"c\":\":\"}");
	buf_free(&b);
}

Test(writer, escapes_what_json_must_escape)
{
	static const char *const table[][2] = {
		{"", "\"\""},
		{"plain / text", "\"plain / text\""},
		{"\"\\", "\"\\\"\\\\\""},
		{"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
		{"\x01\x1F\x7F", "\"\\u0001\\u001f\\u007f\""},
		{"gr\xC3\xBC\xC3\x9F", "\"gr\xC3\xBC\xC3\x9F\""},
		{"\xE2\x82\xAC \xF0\x9F\x98\x80", "\"\xE2\x82\xAC \xF0\x9F\x98\x80\""},
	};
	struct buf b = {0};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		cr_expect_str_eq(string_of(&b, table[i][0]), table[i][1], "line %zu",
			i);
	buf_free(&b);
}

#define BAD "\xEF\xBF\xBD"

Test(writer, replaces_what_is_not_utf8)
{
	static const char *const table[][2] = {
		{"\x80", "\"" BAD "\""},
		{"a\xFFz", "\"a" BAD "z\""},
		{"\xC3", "\"" BAD "\""},                         /* cut off */
		{"\xC0\x80", "\"" BAD BAD "\""},                 /* overlong */
		{"\xE0\x80\x80", "\"" BAD BAD BAD "\""},         /* overlong */
		{"\xED\xA0\x80", "\"" BAD BAD BAD "\""},         /* a surrogate */
		{"\xF4\x90\x80\x80", "\"" BAD BAD BAD BAD "\""}, /* over U+10FFFF */
		{"\xE2\x82", "\"" BAD BAD "\""},
		{"\xE2\x82\x22", "\"" BAD BAD "\\\"\""},
		{"\xF0\x9F\x98", "\"" BAD BAD BAD "\""},
	};
	struct buf b = {0};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		cr_expect_str_eq(string_of(&b, table[i][0]), table[i][1], "line %zu",
			i);
	buf_free(&b);
}

Test(writer, gives_dates_with_three_decimals)
{
	static const struct {
		int64_t ms;
		const char *text;
	} table[] = {
		{INT64_C(1516925490087), "1516925490.087"},
		{INT64_C(1516925490000), "1516925490.000"},
		{INT64_C(1516925490999), "1516925490.999"},
		{1, "0.001"},
		{0, "0.000"},
		{INT64_C(253402300799999), "253402300799.999"},
	};
	struct buf b = {0};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		buf_free(&b);
		writer_date(&b, NULL, table[i].ms);
		cr_expect_str_eq(buf_text(&b), table[i].text);
	}
	buf_free(&b);
}
