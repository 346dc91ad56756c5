/* SPDX-License-Identifier: MIT */
#include "api/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static void key_of(const void *item, char out[PAGE_KEY_TEXT])
{
	snprintf(out, PAGE_KEY_TEXT, "%05d", *(const int *)item);
}

/* The token in {"NextToken":"..."}, or NULL. */
static char *token_of(const struct page *p)
{
	struct buf out = {0};
	char *token = NULL;

	buf_add_text(&out, "{");
	page_write_token(p, "numbers", &out);
	if (out.len > 1) {
		cr_assert_eq(strncmp(out.data, "{\"NextToken\":\"", 14), 0);
		out.data[out.len - 1] = '\0';
		token = strdup(out.data + 14);
	}
	buf_free(&out);
	return token;
}

Test(page, brings_every_item_once_and_in_order)
{
	static int numbers[1000];
	static struct page p;
	int n = 0, pages = 0;
	char *token = NULL;

	/* All numbers under 1000, in an order far from theirs: 617 and 1000 have no common factor. */
	for (int i = 0; i < 1000; i++)
		numbers[i] = i * 617 % 1000;
	do {
		struct fault f = {0};

		cr_assert(page_begin(&p, "numbers", token, 7, &f));
		free(token);
		for (int i = 0; i < 1000; i++)
			page_offer(&p, &numbers[i], key_of);
		uint32_t here = page_finish(&p);

		cr_assert(here <= 7);
		for (uint32_t i = 0; i < here; i++)
			cr_assert_eq(*(const int *)p.items[i].item, n++);
		token = token_of(&p);
		pages++;
	} while (token);
	cr_assert_eq(n, 1000);
	cr_assert_eq(pages, 143); /* 142 of 7, and one of 6 */
}

Test(page, gives_no_token_when_all_fits_exactly)
{
	static struct page p;
	struct fault f = {0};
	int numbers[100];

	cr_assert(page_begin(&p, "numbers", NULL, 100, &f));
	for (int i = 0; i < 100; i++) {
		numbers[i] = i;
		page_offer(&p, &numbers[i], key_of);
	}
	cr_assert_eq(page_finish(&p), 100u);
	cr_assert_null(token_of(&p));
}

Test(page, refuses_tokens_of_others)
{
	static const char *const bad[] = {"", "numbers", "numbers/", "Numbers/00001",
		"letters/00001", "numbersx/1", "/00001"};
	static struct page p;
	struct fault f = {0};
	char token[8 + PAGE_KEY_TEXT + 1];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_not(page_begin(&p, "numbers", bad[i], 7, &f), "'%s'", bad[i]);
		cr_expect_eq(f.code, FAULT_INVALID_INPUT);
		cr_expect_str_eq(f.message,
			"NextToken is not one that this listing has given.");
		fault_free(&f);
	}
	/* A key of PAGE_KEY_TEXT - 1 characters is the longest. */
	memset(token, 'x', sizeof(token));
	memcpy(token, "numbers/", 8);
	token[8 + PAGE_KEY_TEXT - 1] = '\0';
	cr_assert(page_begin(&p, "numbers", token, 7, &f));
	token[8 + PAGE_KEY_TEXT - 1] = 'x';
	token[8 + PAGE_KEY_TEXT] = '\0';
	cr_assert_not(page_begin(&p, "numbers", token, 7, &f));
	fault_free(&f);
}
