/* SPDX-License-Identifier: MIT */
/*
 * plain.c -- runs the tests of one program in one process, in the order of their registration, and
 * writes TAP. A crash or a hang ends the program; the plan, written first, shows what was not run.
 */
#include "test.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum result { RESULT_OK, RESULT_FAILED, RESULT_SKIPPED };

static struct test *first;
static struct test **last = &first;
static int n_tests;
static pthread_t runner;
static jmp_buf leave;
static atomic_int result;
static char skip_reason[256];

void test_register(struct test *t)
{
	*last = t;
	last = &t->next;
	n_tests++;
}

static _Noreturn void leave_test(void)
{
	if (!pthread_equal(pthread_self(), runner))
		pthread_exit(NULL);
	longjmp(leave, 1);
}

void test_fail(bool fatal, const char *file, int line, const char *what,
	const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printf("# %s:%d: not true: %s%s%s\n", file, line, what, text[1] ? ":" : "",
		text[1] ? text : "");
	fflush(stdout);
	atomic_store(&result, RESULT_FAILED);
	if (fatal)
		leave_test();
}

void test_skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(skip_reason, sizeof(skip_reason), fmt, ap);
	va_end(ap);
	atomic_store(&result, RESULT_SKIPPED);
	leave_test();
}

static enum result test_run(const struct test *t)
{
	atomic_store(&result, RESULT_OK);
	alarm(TEST_TIMEOUT_S); /* ends the program */
	if (setjmp(leave) == 0)
		t->run();
	return (enum result)atomic_load(&result);
}

int main(void)
{
	int n = 0, failed = 0;

	runner = pthread_self();
	printf("1..%d\n", n_tests);
	for (const struct test *t = first; t; t = t->next) {
		fflush(stdout); /* a test may fork */
		enum result r = test_run(t);

		failed += r == RESULT_FAILED;
		printf("%s %d - %s::%s%s%s\n", r == RESULT_FAILED ? "not ok" : "ok",
			++n, t->suite, t->name, r == RESULT_SKIPPED ? " # SKIP" : "",
			r == RESULT_SKIPPED ? skip_reason : "");
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
