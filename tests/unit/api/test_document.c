/* SPDX-License-Identifier: MIT */
#include "api/document.h"

#include <string.h>

#include "base/buf.h"
#include "test.h"

/* n objects of two members and, behind them, a string of long_len characters. */
static struct buf make_text(int n, size_t long_len)
{
	struct buf text = {0};

	buf_add_text(&text, "[");
	for (int i = 0; i < n; i++)
		buf_printf(&text, "{\"ServiceId\":\"srv-%d\",\"InstanceId\":\"i-%d\"},",
			i, -i);
	buf_add_text(&text, "\"");
	for (size_t i = 0; i < long_len; i++)
		buf_add(&text, "x", 1);
	buf_add_text(&text, "\"]");
	return text;
}

static void check_text(int n, size_t long_len)
{
	struct buf text = make_text(n, long_len);
	json_error_t error;
	json_t *in = document_read(text.data, text.len, &error), *again;

	cr_assert_not_null(in);
	again = json_loadb(text.data, text.len, 0, &error); /* by malloc() */
	buf_free(&text);
	cr_assert_eq(json_array_size(in), (size_t)n + 1);
	cr_assert_eq(json_string_length(json_array_get(in, (size_t)n)), long_len);
	cr_assert(json_equal(in, again));
	document_forget();
	cr_assert_eq(json_array_size(again), (size_t)n + 1);
	json_decref(again);
}

Test(document, small_and_large_ones_are_read_in_turn)
{
	static const struct {
		int n;
		size_t long_len;
	} table[] = {{0, 0}, {1000, 10}, {0, 1000000}, {5000, 0}, {1, 1},
		{20000, 300000}, {1000, 0}, {0, 0}};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		check_text(table[i].n, table[i].long_len);
}

Test(document, no_text_is_an_empty_object)
{
	json_error_t error;
	json_t *in = document_read("", 0, &error);

	cr_assert(json_is_object(in));
	cr_assert_eq(json_object_size(in), 0);
	document_forget();
}

Test(document, what_is_no_JSON_leaves_nothing_to_forget)
{
	static const char *const table[] = {"{", "[1,2", "\"\\u0000\"", "{\"a\":1} b"};
	json_error_t error;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		cr_assert_null(document_read(table[i], strlen(table[i]), &error), "%s",
			table[i]);
	check_text(3, 3);
}
