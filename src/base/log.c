/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

#define LOG_LINE_MAX 1024 /* with its newline */

/* priority: the digits of syslog(3), as sd-daemon(3) wants them. */
static const struct {
	const char *name;
	char priority;
} levels[] = {
	[LOG_LEVEL_ERROR] = {"error", '3'},
	[LOG_LEVEL_WARNING] = {"warning", '4'},
	[LOG_LEVEL_INFO] = {"info", '6'},
	[LOG_LEVEL_DEBUG] = {"debug", '7'},
};

/* name and under_journal are set before there are threads; the level may change any
 * time. */
static const char *log_name = "cmap";
static bool under_journal;
static _Atomic enum log_level log_level = LOG_LEVEL_INFO;

void log_open(const char *name, enum log_level level)
{
	log_name = name;
	under_journal = getenv("JOURNAL_STREAM") != NULL;
	log_set_level(level);
}

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&log_level, level, memory_order_relaxed);
}

int log_level_parse(const char *text, enum log_level *out)
{
	for (size_t i = 0; i < CMAP_COUNT(levels); i++) {
		if (strcmp(text, levels[i].name) == 0) {
			*out = (enum log_level)i;
			return CMAP_OK;
		}
	}
	return CMAP_E_INVALID;
}

const char *log_level_name(enum log_level level)
{
	return (size_t)level < CMAP_COUNT(levels) ? levels[level].name : "unknown";
}

/* Appends text to line from at on, escaped; stops where it would pass end. Returns the
 * new at. */
static size_t add_escaped(char *line, size_t at, size_t end, const char *text)
{
	static const char hex[] = "0123456789abcdef";

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = c >= 0x20 && c <= 0x7E;

		if (at + (plain ? 1 : 4) > end)
			break;
		if (plain) {
			line[at++] = (char)c;
			continue;
		}
		line[at++] = '\\';
		line[at++] = 'x';
		line[at++] = hex[c >> 4];
		line[at++] = hex[c & 15];
	}
	return at;
}

static CMAP_PRINTF(2, 0) void log_line(enum log_level level, const char *fmt,
	va_list ap)
{
	char text[LOG_LINE_MAX];
	char head[LOG_LINE_MAX / 4];
	char line[LOG_LINE_MAX];
	int saved = errno; /* callers log first and look at errno afterwards */
	ssize_t n;

	if (level > atomic_load_explicit(&log_level, memory_order_relaxed))
		return;
	if (under_journal)
		snprintf(head, sizeof(head), "<%c>%s: ", levels[level].priority,
			log_name);
	else
		snprintf(head, sizeof(head), "%s: %s: ", log_name, levels[level].name);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';

	size_t len = add_escaped(line, 0, sizeof(line) - 1, head);
	len = add_escaped(line, len, sizeof(line) - 1, text);
	line[len++] = '\n';
	do
		n = write(STDERR_FILENO, line, len);
	while (n < 0 && errno == EINTR);
	errno = saved;
}

void log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
}

void log_warning(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_WARNING, fmt, ap);
	va_end(ap);
}

void log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_INFO, fmt, ap);
	va_end(ap);
}

void log_debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_DEBUG, fmt, ap);
	va_end(ap);
}
