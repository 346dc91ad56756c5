/* SPDX-License-Identifier: MIT */
/*
 * test.h -- what a unit test includes: Criterion, or a small runner of our own in its place.
 *
 *	Test(suite, name)
 *	{
 *		cr_assert_eq(1 + 1, 2, "arithmetic has changed in %s", place);
 *	}
 *
 * Criterion runs each test in a process of its own, several at a time. It does not run under
 * ThreadSanitizer; there (CMAP_TEST_PLAIN) tests/plain.c runs all tests in one process, one after the
 * other, and offers the macros below with Criterion's names. Use no others, and no options of Test().
 * Both write TAP.
 *
 * A leak fails a test: built with AddressSanitizer, each test ends in a leak check. So does hanging.
 */
#ifndef TEST_H
#define TEST_H

#include "config.h"

#include <stdbool.h>
#include <string.h>

/* Reached only by a test that hangs, however slow the machine. */
#define TEST_TIMEOUT_S 300

#ifndef CMAP_TEST_PLAIN

#include <criterion/criterion.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define TEST_LEAKS 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define TEST_LEAKS 1
#endif

#ifdef TEST_LEAKS
#include <sanitizer/lsan_interface.h>

/* Criterion 2.4 leaks a copy of CRITERION_OUTPUTS, which would fail every program. */
__attribute__((weak)) const char *__lsan_default_suppressions(void)
{
	return "leak:criterion_handle_args\n";
}
#else
#define __lsan_do_recoverable_leak_check() 0
#endif

/* Inside the test: Criterion does not count what fails in .fini, and its children end unchecked. */
__attribute__((unused)) static void test_check_leaks(void)
{
	if (__lsan_do_recoverable_leak_check())
		cr_assert_fail("memory was leaked");
}

#undef Test
#define Test(suite_, name_)                                                            \
	static void test_##suite_##_##name_(void);                                     \
	CR_TEST_BASE(suite_, name_, .sentinel_ = 0, .timeout = TEST_TIMEOUT_S)         \
	{                                                                              \
		test_##suite_##_##name_();                                             \
		test_check_leaks();                                                    \
	}                                                                              \
	static void test_##suite_##_##name_(void)

#else

/* Criterion's macros, being a system header's, do not warn of this either. */
#pragma GCC diagnostic ignored "-Wsign-compare"

struct test {
	const char *suite;
	const char *name;
	void (*run)(void);
	struct test *next;
};

void test_register(struct test *t);
/* Notes a failure; if fatal, it leaves the test, or the thread that is not the test's. */
void test_fail(bool fatal, const char *file, int line, const char *what,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void test_skip(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#define Test(suite_, name_)                                                            \
	static void test_##suite_##_##name_(void);                                     \
	static struct test test_##suite_##_##name_##_entry = {                         \
		#suite_, #name_, test_##suite_##_##name_, NULL};                       \
	__attribute__((constructor)) static void                                       \
		test_##suite_##_##name_##_register(void)                               \
	{                                                                              \
		test_register(&test_##suite_##_##name_##_entry);                       \
	}                                                                              \
	static void test_##suite_##_##name_(void)

/* A message is optional and, as in Criterion, begins with a literal. */
#define TEST_CHECK(fatal, cond, what, ...)                                             \
	((cond) ? (void)0 : test_fail(fatal, __FILE__, __LINE__, what, " " __VA_ARGS__))

#define cr_skip_test(...)   test_skip(" " __VA_ARGS__)
#define cr_assert_fail(...) TEST_CHECK(true, false, "failed", __VA_ARGS__)
#define cr_expect_fail(...) TEST_CHECK(false, false, "failed", __VA_ARGS__)

#define cr_assert(c, ...)     TEST_CHECK(true, (c), #c, __VA_ARGS__)
#define cr_expect(c, ...)     TEST_CHECK(false, (c), #c, __VA_ARGS__)
#define cr_assert_not(c, ...) TEST_CHECK(true, !(c), "!(" #c ")", __VA_ARGS__)
#define cr_expect_not(c, ...) TEST_CHECK(false, !(c), "!(" #c ")", __VA_ARGS__)

#define TEST_OP(fatal, a, op, b, ...)                                                  \
	TEST_CHECK(fatal, (a)op(b), #a " " #op " " #b, __VA_ARGS__)
#define cr_assert_eq(a, b, ...)  TEST_OP(true, a, ==, b, __VA_ARGS__)
#define cr_expect_eq(a, b, ...)  TEST_OP(false, a, ==, b, __VA_ARGS__)
#define cr_assert_neq(a, b, ...) TEST_OP(true, a, !=, b, __VA_ARGS__)
#define cr_expect_neq(a, b, ...) TEST_OP(false, a, !=, b, __VA_ARGS__)
#define cr_assert_lt(a, b, ...)  TEST_OP(true, a, <, b, __VA_ARGS__)
#define cr_expect_lt(a, b, ...)  TEST_OP(false, a, <, b, __VA_ARGS__)
#define cr_assert_leq(a, b, ...) TEST_OP(true, a, <=, b, __VA_ARGS__)
#define cr_expect_leq(a, b, ...) TEST_OP(false, a, <=, b, __VA_ARGS__)
#define cr_assert_gt(a, b, ...)  TEST_OP(true, a, >, b, __VA_ARGS__)
#define cr_expect_gt(a, b, ...)  TEST_OP(false, a, >, b, __VA_ARGS__)
#define cr_assert_geq(a, b, ...) TEST_OP(true, a, >=, b, __VA_ARGS__)
#define cr_expect_geq(a, b, ...) TEST_OP(false, a, >=, b, __VA_ARGS__)

#define cr_assert_null(p, ...) TEST_CHECK(true, (p) == NULL, #p " == NULL", __VA_ARGS__)
#define cr_expect_null(p, ...)                                                         \
	TEST_CHECK(false, (p) == NULL, #p " == NULL", __VA_ARGS__)
#define cr_assert_not_null(p, ...)                                                     \
	TEST_CHECK(true, (p) != NULL, #p " != NULL", __VA_ARGS__)
#define cr_expect_not_null(p, ...)                                                     \
	TEST_CHECK(false, (p) != NULL, #p " != NULL", __VA_ARGS__)

#define TEST_STR(fatal, a, op, b, ...)                                                 \
	TEST_CHECK(fatal, strcmp((a), (b)) op 0, #a " " #op " " #b, __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...)  TEST_STR(true, a, ==, b, __VA_ARGS__)
#define cr_expect_str_eq(a, b, ...)  TEST_STR(false, a, ==, b, __VA_ARGS__)
#define cr_assert_str_neq(a, b, ...) TEST_STR(true, a, !=, b, __VA_ARGS__)
#define cr_expect_str_neq(a, b, ...) TEST_STR(false, a, !=, b, __VA_ARGS__)

#define TEST_ARR(fatal, a, op, b, len, ...)                                            \
	TEST_CHECK(fatal, memcmp((a), (b), (len)) op 0, #a " " #op " " #b, __VA_ARGS__)
#define cr_assert_arr_eq(a, b, len, ...)  TEST_ARR(true, a, ==, b, len, __VA_ARGS__)
#define cr_expect_arr_eq(a, b, len, ...)  TEST_ARR(false, a, ==, b, len, __VA_ARGS__)
#define cr_assert_arr_neq(a, b, len, ...) TEST_ARR(true, a, !=, b, len, __VA_ARGS__)
#define cr_expect_arr_neq(a, b, len, ...) TEST_ARR(false, a, !=, b, len, __VA_ARGS__)

#endif
#endif
