/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/duration.h"
#include "base/error.h"
#include "config/value.h"

/* Digits of the base only; CMAP_E_RANGE beyond max. */
static int digits_parse(const char *text, uint32_t base, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;

	if (!*text)
		return CMAP_E_INVALID;
	for (; *text; text++) {
		if (*text < '0' || *text >= (char)('0' + base))
			return CMAP_E_INVALID;
		n = n * base + (uint64_t)(*text - '0');
		if (n > max)
			return CMAP_E_RANGE;
	}
	*out = n;
	return CMAP_OK;
}

static int number_parse(const struct config_option *o, const char *text, void *member,
	struct buf *why)
{
	uint64_t n;

	if (digits_parse(text, 10, (uint64_t)o->max, &n) != CMAP_OK ||
		n < (uint64_t)o->min) {
		buf_printf(why, "'%s' is not a number from %lld to %lld", text,
			(long long)o->min, (long long)o->max);
		return CMAP_E_INVALID;
	}
	*(uint32_t *)member = (uint32_t)n;
	return CMAP_OK;
}

static void number_format(const void *member, struct buf *out)
{
	buf_printf(out, "%u", *(const uint32_t *)member);
}

const struct config_type config_type_number = {
	number_parse, number_format, NULL, false};

static int mode_parse(const struct config_option *o, const char *text, void *member,
	struct buf *why)
{
	uint64_t mode;

	(void)o;
	if (strlen(text) < 3 || digits_parse(text, 8, 0777, &mode) != CMAP_OK) {
		buf_printf(why, "'%s' is not a mode from 0000 to 0777", text);
		return CMAP_E_INVALID;
	}
	*(uint32_t *)member = (uint32_t)mode;
	return CMAP_OK;
}

static void mode_format(const void *member, struct buf *out)
{
	buf_printf(out, "\"%04o\"", *(const uint32_t *)member);
}

const struct config_type config_type_mode = {mode_parse, mode_format, NULL, false};

static int span_parse(const struct config_option *o, const char *text, int64_t grain_ms,
	int64_t *ms, struct buf *why)
{
	char min[DURATION_TEXT], max[DURATION_TEXT];

	if (duration_parse(text, ms) == CMAP_OK && *ms >= o->min && *ms <= o->max &&
		*ms % grain_ms == 0)
		return CMAP_OK;
	duration_format(o->min, min);
	duration_format(o->max, max);
	buf_printf(why, "'%s' is not a duration from %s to %s%s", text, min, max,
		grain_ms == 1000 ? " in whole seconds" : "");
	return CMAP_E_INVALID;
}

static void span_format(int64_t ms, struct buf *out)
{
	char text[DURATION_TEXT];

	duration_format(ms, text);
	config_quote(text, out);
}

static int duration_option_parse(const struct config_option *o, const char *text,
	void *member, struct buf *why)
{
	int64_t ms;

	if (span_parse(o, text, 1, &ms, why) != CMAP_OK)
		return CMAP_E_INVALID;
	*(int64_t *)member = ms;
	return CMAP_OK;
}

static void duration_option_format(const void *member, struct buf *out)
{
	span_format(*(const int64_t *)member, out);
}

const struct config_type config_type_duration = {
	duration_option_parse, duration_option_format, NULL, false};

static int seconds_parse(const struct config_option *o, const char *text, void *member,
	struct buf *why)
{
	int64_t ms;

	if (span_parse(o, text, 1000, &ms, why) != CMAP_OK)
		return CMAP_E_INVALID;
	*(uint32_t *)member = (uint32_t)(ms / 1000);
	return CMAP_OK;
}

static void seconds_format(const void *member, struct buf *out)
{
	span_format(*(const uint32_t *)member * INT64_C(1000), out);
}

const struct config_type config_type_seconds = {
	seconds_parse, seconds_format, NULL, false};

static int bool_parse(const struct config_option *o, const char *text, void *member,
	struct buf *why)
{
	bool yes = strcmp(text, "true") == 0;

	(void)o;
	if (!yes && strcmp(text, "false") != 0) {
		buf_printf(why, "'%s' is neither true nor false", text);
		return CMAP_E_INVALID;
	}
	*(bool *)member = yes;
	return CMAP_OK;
}

static void bool_format(const void *member, struct buf *out)
{
	buf_add_text(out, *(const bool *)member ? "true" : "false");
}

const struct config_type config_type_bool = {bool_parse, bool_format, NULL, false};

static int level_parse(const struct config_option *o, const char *text, void *member,
	struct buf *why)
{
	(void)o;
	if (log_level_parse(text, member) != CMAP_OK) {
		buf_printf(why, "'%s' is not one of error, warning, info, debug", text);
		return CMAP_E_INVALID;
	}
	return CMAP_OK;
}

static void level_format(const void *member, struct buf *out)
{
	config_quote(log_level_name(*(const enum log_level *)member), out);
}

const struct config_type config_type_level = {level_parse, level_format, NULL, false};
