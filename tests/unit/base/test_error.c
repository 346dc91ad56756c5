/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include "test.h"

Test(error, every_code_has_words_of_its_own)
{
	for (int a = CMAP_E_LIBRARY; a <= CMAP_OK; a++) {
		cr_assert_str_neq(cmap_strerror(a), "unknown error", "code %d", a);
		for (int b = CMAP_E_LIBRARY; b < a; b++)
			cr_assert_str_neq(cmap_strerror(a), cmap_strerror(b),
				"%d and %d", a, b);
	}
}

Test(error, other_numbers_are_unknown)
{
	cr_assert_str_eq(cmap_strerror(CMAP_E_LIBRARY - 1), "unknown error");
	cr_assert_str_eq(cmap_strerror(1), "unknown error");
}
