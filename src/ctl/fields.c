/* SPDX-License-Identifier: MIT */
#include "ctl/fields.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ctl/table.h"

#define DEPTH_MAX 8

void fields_time_left(int64_t ms, char out[FIELDS_TIME_TEXT])
{
	long long s = ms / 1000;

	if (ms < 1000)
		snprintf(out, FIELDS_TIME_TEXT, "%lldms", (long long)ms);
	else if (s < 60)
		snprintf(out, FIELDS_TIME_TEXT, "%llds", s);
	else if (s < 3600)
		snprintf(out, FIELDS_TIME_TEXT, "%lldm %llds", s / 60, s % 60);
	else if (s < 86400)
		snprintf(out, FIELDS_TIME_TEXT, "%lldh %lldm", s / 3600, s / 60 % 60);
	else
		snprintf(out, FIELDS_TIME_TEXT, "%lldd %lldh", s / 86400,
			s / 3600 % 24);
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text);
	size_t m = strlen(end);

	return n > m && strcmp(text + n - m, end) == 0;
}

void fields_date(double epoch_s, char out[FIELDS_DATE_TEXT])
{
	time_t t = (time_t)epoch_s;
	struct tm tm;

	if (!(fabs(epoch_s) < 1e11) || gmtime_r(&t, &tm) == NULL ||
		strftime(out, FIELDS_DATE_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(out, FIELDS_DATE_TEXT, "%.3f", epoch_s);
}

static void add_scalar(struct buf *b, const char *name, const json_t *value)
{
	char date[FIELDS_DATE_TEXT];
	char text[FIELDS_TIME_TEXT];

	if (json_is_string(value)) {
		buf_add_text(b, json_string_value(value));
	} else if (json_is_number(value) && ends_with(name, "Date")) {
		fields_date(json_number_value(value), date);
		buf_add_text(b, date);
	} else if (json_is_integer(value) && ends_with(name, "Ms") &&
		   json_integer_value(value) >= 0) {
		fields_time_left(json_integer_value(value), text);
		buf_add_text(b, text);
	} else {
		char *dump = json_dumps(value,
			JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));

		buf_add_text(b, dump != NULL ? dump : "");
		free(dump);
	}
}

/*
 * One line: "A 5, SRV 5" for a list of records, "udp 127.0.0.1:53, ..." for one of
 * texts.
 */
static void add_list(struct buf *b, const char *name, json_t *list)
{
	json_t *item;
	size_t at;

	json_array_foreach (list, at, item) {
		const char *key;
		json_t *value;
		const char *space = "";

		buf_add_text(b, at > 0 ? ", " : "");
		if (!json_is_object(item)) {
			add_scalar(b, name, item);
			continue;
		}
		json_object_foreach (item, key, value) {
			buf_add_text(b, space);
			add_scalar(b, key, value);
			space = " ";
		}
	}
}

static void add_object(struct table *t, const char *path, json_t *object, int depth)
{
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value) {
		struct buf text = {0};
		size_t len = strlen(key);
		int shown = (int)(ends_with(key, "Ms") ? len - 2 : len);
		char *name = xasprintf("%s%s%.*s", path, path[0] != '\0' ? "." : "",
			shown, key);

		if (json_is_object(value) && depth < DEPTH_MAX) {
			add_object(t, name, value, depth + 1);
		} else if (!json_is_null(value)) {
			if (json_is_array(value))
				add_list(&text, key, value);
			else
				add_scalar(&text, key, value);
			table_add(t, (const char *const[]){name, buf_text(&text)});
		}
		buf_free(&text);
		free(name);
	}
}

void fields_print(const json_t *object, FILE *out)
{
	struct table *t = table_new(NULL, 2);
	/* jansson iterates over pointers to non-const only. */
	json_t *copy = json_copy((json_t *)(uintptr_t)object);

	add_object(t, "", copy, 0);
	json_decref(copy);
	table_finish(t, out);
}
