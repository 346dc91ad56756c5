/* SPDX-License-Identifier: MIT */
/*
 * log.h -- lines on stderr: "cmapd: warning: text\n", each written by one write(2).
 *
 * Under systemd (JOURNAL_STREAM is set) a line starts with <N>, its syslog priority, in place of
 * the level's name. Control characters and bytes over 0x7E come out as \xHH, so one call is one
 * line; a line over 1,024 bytes is cut. Any thread may log.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/compiler.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* name stands before each line ("cmapd"); it is borrowed. Lines above level are not written. */
void log_open(const char *name, enum log_level level);
void log_set_level(enum log_level level);
/* "error", "warning", "info" or "debug"; CMAP_E_INVALID for anything else. */
int log_level_parse(const char *text, enum log_level *out) CMAP_NONNULL CMAP_MUST_USE;
const char *log_level_name(enum log_level level);

void log_error(const char *fmt, ...) CMAP_PRINTF(1, 2);
void log_warning(const char *fmt, ...) CMAP_PRINTF(1, 2);
void log_info(const char *fmt, ...) CMAP_PRINTF(1, 2);
void log_debug(const char *fmt, ...) CMAP_PRINTF(1, 2);

#endif
