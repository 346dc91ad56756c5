/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdlib.h>

#include "test.h"

Test(buf, a_zeroed_one_is_empty_text)
{
	struct buf b = {0};

	cr_assert_str_eq(buf_text(&b), "");
	char *taken = buf_take(&b);
	cr_assert_str_eq(taken, "");
	free(taken);
	buf_free(&b);
}

Test(buf, nothing_added_makes_data_a_text)
{
	struct buf b = {0};

	buf_add(&b, NULL, 0);
	cr_assert_str_eq(b.data, "");
	cr_assert_eq(b.len, 0);
	buf_free(&b);
}

Test(buf, keeps_all_bytes_at_every_length)
{
	struct buf b = {0};

	/* By 0 to 96 bytes at a time, so that every way of meeting cap comes up. */
	for (unsigned int step = 0; step < 97; step++) {
		unsigned char piece[97];

		memset(piece, (int)step, sizeof(piece));
		buf_add(&b, piece, step);
		cr_assert_eq(b.data[b.len], '\0');
		cr_assert_lt(b.len, b.cap);
	}
	cr_assert_eq(b.len, 96 * 97 / 2);
	size_t at = 0;
	for (unsigned int step = 0; step < 97; step++) {
		for (unsigned int i = 0; i < step; i++)
			cr_assert_eq(b.data[at++], (char)step);
	}
	buf_free(&b);
}

Test(buf, one_piece_larger_than_many_doublings)
{
	struct buf b = {0};
	char *piece = calloc(1, 100000);

	buf_add(&b, piece, 100000);
	cr_assert_eq(b.len, 100000);
	buf_free(&b);
	free(piece);
}

Test(buf, text_and_printf_append)
{
	struct buf b = {0};

	buf_add_text(&b, "a=");
	buf_printf(&b, "%d;%0200d", 5, 1);
	cr_assert_eq(b.len, 2 + 2 + 200);
	cr_assert_arr_eq(buf_text(&b), "a=5;000", 7);
	cr_assert_eq(strlen(buf_text(&b)), b.len);
	buf_free(&b);
	cr_assert_null(b.data);
	cr_assert_eq(b.len + b.cap, 0);
}

Test(buf, taking_leaves_it_empty)
{
	struct buf b = {0};

	buf_add_text(&b, "first");
	char *first = buf_take(&b);
	buf_add_text(&b, "second");
	cr_assert_str_eq(first, "first");
	cr_assert_str_eq(buf_text(&b), "second");
	free(first);
	buf_free(&b);
}
