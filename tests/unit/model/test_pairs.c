/* SPDX-License-Identifier: MIT */
#include "model/pairs.h"

#include <stdlib.h>

#include "base/error.h"
#include "test.h"

Test(pairs, any_text_comes_back)
{
	static const char *const texts[] = {"", "a", " ", "a b", "\t", "\n", "\\",
		"\\t", "\\\\n", "a\tb\nc\\", "ü\x7F"};
	struct attributes a = {0}, b = {0};
	const char *key, *value;
	uint32_t pos = 0;
	char *text;

	for (size_t i = 0; i < CMAP_COUNT(texts); i++)
		attributes_set(&a, texts[i], texts[CMAP_COUNT(texts) - 1 - i]);
	text = pairs_to_text(&a);
	cr_assert_eq(pairs_from_text(&b, text), CMAP_OK, "%s", text);
	cr_assert_eq(b.n, CMAP_COUNT(texts));
	for (size_t i = 0; i < CMAP_COUNT(texts); i++) {
		cr_assert(attributes_next(&b, &pos, &key, &value));
		cr_expect_str_eq(key, texts[i]);
		cr_expect_str_eq(value, texts[CMAP_COUNT(texts) - 1 - i]);
	}
	free(text);
	attributes_free(&a);
	attributes_free(&b);
}

Test(pairs, the_text_can_be_read)
{
	struct attributes a = {0};
	char *text;

	text = pairs_to_text(&a);
	cr_expect_str_eq(text, "");
	free(text);
	attributes_set(&a, "cost center", "a\tb");
	attributes_set(&a, "stage", "");
	text = pairs_to_text(&a);
	cr_expect_str_eq(text, "cost center\ta\\tb\nstage\t\n");
	free(text);
	attributes_free(&a);
}

Test(pairs, what_is_no_line_of_pairs_is_refused)
{
	static const char *const texts[] = {"a", "a\n", "a\tb", "a\tb\tc\n", "\n",
		"a\\x\tb\n", "a\tb\\", "a\tb\\\n", "a\tb\na\tc\n", "a\tb\n\n"};
	struct attributes a = {0};

	attributes_set(&a, "old", "value");
	for (size_t i = 0; i < CMAP_COUNT(texts); i++)
		cr_expect_eq(pairs_from_text(&a, texts[i]), CMAP_E_CORRUPT, "%s",
			texts[i]);
	cr_expect_str_eq(attributes_get(&a, "old"), "value", "left alone");
	cr_expect_eq(pairs_from_text(&a, ""), CMAP_OK);
	cr_expect_eq(a.n, 0u);
	attributes_free(&a);
}
