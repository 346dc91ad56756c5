/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "capture.h"
#include "test.h"

Test(mem, nothing_asked_for_is_something_to_free)
{
	void *p[] = {xmalloc(0), xcalloc(0, 8), xcalloc(8, 0), xmemdup("", 0),
		xreallocarray(NULL, 0, 8), xreallocarray(xmalloc(8), 8, 0)};

	for (size_t i = 0; i < CMAP_COUNT(p); i++) {
		cr_assert_not_null(p[i], "case %zu", i);
		free(p[i]);
	}
}

Test(mem, calloc_gives_zeroes)
{
	const unsigned char zero[300] = {0};
	unsigned char *p = xcalloc(100, 3);

	cr_assert_arr_eq(p, zero, sizeof(zero));
	free(p);
}

Test(mem, realloc_keeps_what_was_there)
{
	char *p = xmemdup("0123456789", 10);

	p = xreallocarray(p, 1000, 10);
	cr_assert_arr_eq(p, "0123456789", 10);
	p = xreallocarray(p, 4, 1);
	cr_assert_arr_eq(p, "0123", 4);
	free(p);
}

Test(mem, strndup_ends_at_n_or_at_the_nul)
{
	static const struct {
		const char *text;
		size_t n;
		const char *copy;
	} cases[] = {{"abc", 0, ""}, {"abc", 2, "ab"}, {"abc", 3, "abc"},
		{"abc", 9, "abc"}, {"", 5, ""}};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		char *copy = xstrndup(cases[i].text, cases[i].n);

		cr_assert_str_eq(copy, cases[i].copy, "case %zu", i);
		free(copy);
	}
}

Test(mem, asprintf_and_strdup_give_the_text)
{
	char *a = xasprintf("%s-%d-%0*d", "x", 7, 300, 1);
	char *b = xstrdup(a);

	cr_assert_eq(strlen(a), 304);
	cr_assert_arr_eq(a, "x-7-000", 7);
	cr_assert_str_eq(a, b);
	free(a);
	free(b);
}

static void *ask_calloc(void)
{
	return xcalloc(SIZE_MAX / 2, 3);
}

static void *ask_reallocarray(void)
{
	return xreallocarray(NULL, SIZE_MAX / 4 + 1, 4);
}

Test(mem, a_size_past_all_memory_ends_the_process)
{
	static void *(*const ask[])(void) = {ask_calloc, ask_reallocarray};

	for (size_t i = 0; i < CMAP_COUNT(ask); i++) {
		int status;

		capture_begin();
		pid_t pid = fork();
		if (pid == 0) {
			free(ask[i]());
			_exit(0);
		}
		cr_assert_eq(waitpid(pid, &status, 0), pid);
		char *text = capture_end();

		cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == EX_OSERR,
			"status %d", status);
		cr_expect_not_null(strstr(text, "error: out of memory"), "%s", text);
		free(text);
	}
}
