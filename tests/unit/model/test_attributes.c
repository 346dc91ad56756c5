/* SPDX-License-Identifier: MIT */
#include "model/attributes.h"

#include <stdlib.h>

#include "base/error.h"
#include "make.h"
#include "test.h"

Test(attributes, zeroed_is_empty)
{
	struct attributes a = {0};
	const char *k, *v;
	uint32_t pos = 0;

	cr_assert_null(attributes_get(&a, "K"));
	cr_assert_not(attributes_next(&a, &pos, &k, &v));
	attributes_free(&a);
}

Test(attributes, keep_the_order_given)
{
	struct attributes a = {0};
	const char *k, *v;
	uint32_t pos = 0;

	attributes_set(&a, "b", "2");
	attributes_set(&a, "a", "");
	attributes_set(&a, "c", "three words here");
	cr_assert_eq(a.n, 3);
	cr_assert(attributes_next(&a, &pos, &k, &v));
	cr_assert_str_eq(k, "b");
	cr_assert_str_eq(v, "2");
	cr_assert(attributes_next(&a, &pos, &k, &v));
	cr_assert_str_eq(k, "a");
	cr_assert_str_eq(v, "");
	cr_assert(attributes_next(&a, &pos, &k, &v));
	cr_assert_str_eq(k, "c");
	cr_assert_str_eq(v, "three words here");
	cr_assert_not(attributes_next(&a, &pos, &k, &v));
	attributes_free(&a);
	cr_assert_eq(a.len, 0);
}

Test(attributes, set_replaces_in_place)
{
	static const char packed[] = "k\0longer than before\0other\0x";
	struct attributes a = {0};

	attributes_set(&a, "k", "v");
	attributes_set(&a, "other", "x");
	attributes_set(&a, "k", "longer than before");
	cr_assert_eq(a.n, 2);
	cr_assert_eq(a.len, sizeof(packed));
	cr_assert_arr_eq(a.block, packed, sizeof(packed));
	attributes_set(&a, "k", "");
	cr_assert_str_eq(attributes_get(&a, "k"), "");
	cr_assert_str_eq(attributes_get(&a, "other"), "x");
	attributes_free(&a);
}

Test(attributes, arguments_may_point_into_the_block)
{
	struct attributes a = {0};

	attributes_set(&a, "k", "v");
	attributes_set(&a, attributes_get(&a, "k"), attributes_get(&a, "k"));
	cr_assert_str_eq(attributes_get(&a, "v"), "v");
	attributes_set(&a, "k", attributes_get(&a, "v"));
	cr_assert_str_eq(attributes_get(&a, "k"), "v");
	cr_assert_eq(a.n, 2);
	attributes_free(&a);
}

Test(attributes, remove_takes_one_pair_out)
{
	struct attributes a = {0}, copy;

	attributes_remove(&a, "k");
	attributes_set(&a, "a", "1");
	attributes_set(&a, "k", "");
	attributes_set(&a, "z", "3");
	attributes_remove(&a, "K");
	cr_assert_eq(a.n, 3u);
	copy = attributes_copy(&a);
	attributes_remove(&a, "k");
	cr_assert_eq(a.n, 2u);
	cr_assert_null(attributes_get(&a, "k"));
	cr_assert_str_eq(attributes_get(&a, "z"), "3");
	attributes_remove(&a, "z");
	attributes_remove(&a, "a");
	cr_assert_eq(a.n, 0u);
	cr_assert_eq(a.len, 0u);
	cr_assert_str_eq(attributes_get(&copy, "k"), "", "the copy is its own");
	cr_assert_eq(copy.n, 3u);
	attributes_free(&a);
	a = copy;
	a.is_borrowed = 1;
	attributes_remove(&a, "k");
	cr_assert_str_eq(attributes_get(&copy, "k"), "",
		"what was borrowed is left alone");
	cr_assert_null(attributes_get(&a, "k"));
	attributes_free(&a);
	attributes_free(&copy);
	copy = attributes_copy(&a);
	cr_assert_null(copy.block);
}

Test(attributes, keys_are_case_sensitive)
{
	struct attributes a = {0};

	attributes_set(&a, "Key", "1");
	attributes_set(&a, "key", "2");
	cr_assert_eq(a.n, 2);
	cr_assert_str_eq(attributes_get(&a, "Key"), "1");
	cr_assert_null(attributes_get(&a, "KEY"));
	cr_assert_null(attributes_get(&a, "Ke"));
	attributes_free(&a);
}

Test(attributes, equal_ignores_order_only)
{
	struct attributes a = {0}, b = {0};

	cr_assert(attributes_equal(&a, &b));
	attributes_set(&a, "x", "1");
	attributes_set(&a, "y", "2");
	attributes_set(&b, "y", "2");
	cr_assert_not(attributes_equal(&a, &b));
	attributes_set(&b, "x", "1");
	cr_assert(attributes_equal(&a, &b));
	cr_assert(attributes_equal(&b, &a));
	attributes_set(&b, "x", "2");
	cr_assert_not(attributes_equal(&a, &b));
	attributes_set(&b, "x", "");
	cr_assert_not(attributes_equal(&a, &b));
	attributes_free(&b);
	attributes_set(&b, "x", "1");
	attributes_set(&b, "z", "2");
	cr_assert_not(attributes_equal(&a, &b), "same sizes, other key");
	attributes_free(&a);
	attributes_free(&b);
}

Test(attributes, text_is_a_line_a_pair)
{
	struct attributes a = {0};
	char *text = attributes_to_text(&a);

	cr_assert_str_eq(text, "");
	free(text);
	attributes_set(&a, "AWS_INSTANCE_IPV4", "10.0.0.1");
	attributes_set(&a, "empty", "");
	attributes_set(&a, "spaces", "a b  c ");
	text = attributes_to_text(&a);
	cr_assert_str_eq(text, "AWS_INSTANCE_IPV4 10.0.0.1\nempty \nspaces a b  c \n");
	cr_assert_eq(strlen(text), a.len);
	free(text);
	attributes_free(&a);
}

Test(attributes, from_text_replaces_what_was_there)
{
	static const char text[] = "k v w\nl \n";
	struct attributes a = {0};

	attributes_set(&a, "old", "x");
	cr_assert_eq(attributes_from_text(&a, text, strlen(text)), CMAP_OK);
	cr_assert_eq(a.n, 2);
	cr_assert_str_eq(attributes_get(&a, "k"), "v w");
	cr_assert_str_eq(attributes_get(&a, "l"), "");
	cr_assert_null(attributes_get(&a, "old"));
	cr_assert_eq(attributes_from_text(&a, "", 0), CMAP_OK);
	cr_assert_eq(a.n, 0);
	attributes_free(&a);
}

Test(attributes, text_of_another_form_is_corrupt)
{
	static const struct {
		const char *text;
		size_t len;
	} bad[] = {
		{"k v", 3},         /* no line feed at the end */
		{"k\n", 2},         /* no space */
		{" v\n", 3},        /* no key */
		{"\n", 1},          /* an empty line */
		{"k v\n\n", 5},     /* one behind a good one */
		{"k v\nk w\n", 8},  /* a key twice */
		{"k \0v\n", 5},     /* NUL in a value */
		{"\0k v\n", 5},     /* NUL in a key */
		{"k v\n\0", 5},     /* NUL behind the end */
		{"a b\nc d\ne", 9}, /* cut off */
	};
	struct attributes a = {0};

	attributes_set(&a, "kept", "yes");
	for (size_t i = 0; i < CMAP_COUNT(bad); i++) {
		cr_assert_eq(attributes_from_text(&a, bad[i].text, bad[i].len),
			CMAP_E_CORRUPT, "text %zu", i);
		cr_assert_str_eq(attributes_get(&a, "kept"), "yes");
		cr_assert_eq(a.n, 1);
	}
	attributes_free(&a);
}

/* Random text of 0..max bytes from first..0x7E, with tabs and spaces if first is one. */
static void random_text(uint64_t *state, char first, uint32_t min, uint32_t max,
	char *out)
{
	uint32_t len = min + make_random(state, max - min + 1);

	for (uint32_t i = 0; i < len; i++)
		*out++ = (char)(first +
				(char)make_random(state, (uint32_t)('~' - first + 1)));
	*out = '\0';
}

Test(attributes, random_content_survives_the_text)
{
	uint64_t state = 1;
	char key[32], value[1100];

	for (int round = 0; round < 300; round++) {
		struct attributes a = {0}, b = {0};
		uint32_t n = make_random(&state, 40);
		char *text;

		for (uint32_t i = 0; i < n; i++) {
			/* Short keys, so that some come twice. */
			random_text(&state, '!', 1, 1 + make_random(&state, 20), key);
			random_text(&state, ' ', 0, 1 + make_random(&state, 1024),
				value);
			attributes_set(&a, key, value);
			cr_assert_str_eq(attributes_get(&a, key), value);
		}
		text = attributes_to_text(&a);
		cr_assert_eq(attributes_from_text(&b, text, a.len), CMAP_OK);
		free(text);
		cr_assert_eq(a.n, b.n);
		cr_assert_eq(a.len, b.len);
		cr_assert(a.len == 0 || memcmp(a.block, b.block, a.len) == 0);
		cr_assert(attributes_equal(&a, &b));
		attributes_free(&a);
		attributes_free(&b);
	}
}
