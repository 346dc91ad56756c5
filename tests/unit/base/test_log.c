/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"
#include "capture.h"
#include "test.h"

static void open_plain(enum log_level level)
{
	unsetenv("JOURNAL_STREAM");
	log_open("t", level);
}

static void log_one_of_each(void)
{
	log_error("e %d", 1);
	log_warning("w %d", 2);
	log_info("i %d", 3);
	log_debug("d %d", 4);
}

Test(log, lines_above_the_level_are_not_written)
{
	static const char *const expected[] = {
		"t: error: e 1\n",
		"t: error: e 1\nt: warning: w 2\n",
		"t: error: e 1\nt: warning: w 2\nt: info: i 3\n",
		"t: error: e 1\nt: warning: w 2\nt: info: i 3\nt: debug: d 4\n",
	};

	for (size_t i = 0; i < CMAP_COUNT(expected); i++) {
		open_plain(LOG_LEVEL_INFO);
		log_set_level((enum log_level)i);
		capture_begin();
		log_one_of_each();
		char *text = capture_end();
		cr_assert_str_eq(text, expected[i]);
		free(text);
	}
}

Test(log, under_systemd_a_priority_stands_for_the_level)
{
	setenv("JOURNAL_STREAM", "8:12345", 1);
	log_open("t", LOG_LEVEL_DEBUG);
	capture_begin();
	log_one_of_each();
	char *text = capture_end();
	unsetenv("JOURNAL_STREAM");
	cr_assert_str_eq(text, "<3>t: e 1\n<4>t: w 2\n<6>t: i 3\n<7>t: d 4\n");
	free(text);
}

Test(log, what_is_not_printable_ascii_is_escaped)
{
	for (int c = 1; c < 256; c++) {
		char one[2] = {(char)c, '\0'};
		char expected[64];

		open_plain(LOG_LEVEL_INFO);
		capture_begin();
		log_info("[%s]", one);
		char *text = capture_end();
		if (c < 0x20 || c > 0x7e)
			snprintf(expected, sizeof(expected), "t: info: [\\x%02x]\n",
				(unsigned int)c);
		else
			snprintf(expected, sizeof(expected), "t: info: [%c]\n", c);
		cr_assert_str_eq(text, expected);
		free(text);
	}
}

/* Logs n times 'x' and then tail; returns the line. */
static char *log_long(size_t n, const char *tail)
{
	char *x = xmalloc(n + 1);

	memset(x, 'x', n);
	x[n] = '\0';
	open_plain(LOG_LEVEL_INFO);
	capture_begin();
	log_error("%s%s", x, tail);
	char *text = capture_end();
	free(x);
	return text;
}

Test(log, a_line_is_cut_at_1024_bytes)
{
	/* "t: error: " takes 10 bytes, the newline 1. */
	static const struct {
		size_t n;
		const char *tail;
		size_t len;
		const char *end;
	} cases[] = {
		{1012, "y", 1024, "xy\n"},
		{1012, "yz", 1024, "xy\n"},
		{1013, "", 1024, "xx\n"},
		{1000000, "", 1024, "xx\n"},
		/* An escape is whole or not there. */
		{1009, "\n", 1024, "x\\x0a\n"},
		{1010, "\n", 1021, "xx\n"},
		{1010, "\nz", 1021, "xx\n"},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		char *text = log_long(cases[i].n, cases[i].tail);
		size_t len = strlen(text);

		cr_assert_eq(len, cases[i].len, "case %zu: %zu bytes", i, len);
		cr_assert_str_eq(text + len - strlen(cases[i].end), cases[i].end,
			"case %zu", i);
		cr_assert_eq(strchr(text, '\n'), text + len - 1, "case %zu", i);
		free(text);
	}
}

Test(log, leaves_errno_as_it_was)
{
	open_plain(LOG_LEVEL_INFO);
	capture_begin();
	errno = ENOTDIR;
	log_error("text");
	log_debug("text");
	int after = errno;
	free(capture_end());
	cr_assert_eq(after, ENOTDIR);
}

static void *log_a_hundred(void *name)
{
	for (int i = 0; i < 100; i++)
		log_info("from %s", (const char *)name);
	return NULL;
}

Test(log, lines_of_several_threads_stay_whole)
{
	static char names[4][2] = {"a", "b", "c", "d"};
	pthread_t thread[4];
	int n = 0;

	open_plain(LOG_LEVEL_INFO);
	capture_begin();
	for (int i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, log_a_hundred, names[i]);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	char *text = capture_end();

	for (const char *p = text; *p; p += strlen("t: info: from a\n"), n++) {
		cr_assert_arr_eq(p, "t: info: from ", 14);
		cr_assert(p[14] >= 'a' && p[14] <= 'd' && p[15] == '\n');
	}
	cr_assert_eq(n, 400);
	free(text);
}

Test(log, levels_have_names)
{
	static const char *const wrong[] = {"", "Error", "err", "warn", "debug ", "4"};
	enum log_level level;

	for (int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++) {
		cr_assert_eq(log_level_parse(log_level_name((enum log_level)i), &level),
			CMAP_OK);
		cr_assert_eq((int)level, i);
	}
	level = LOG_LEVEL_WARNING;
	for (size_t i = 0; i < CMAP_COUNT(wrong); i++) {
		cr_assert_eq(log_level_parse(wrong[i], &level), CMAP_E_INVALID, "%s",
			wrong[i]);
		cr_assert_eq(level, LOG_LEVEL_WARNING);
	}
	cr_assert_str_eq(log_level_name((enum log_level)(LOG_LEVEL_DEBUG + 1)),
		"unknown");
}
