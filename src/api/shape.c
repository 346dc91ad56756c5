/* SPDX-License-Identifier: MIT */
#include "api/shape.h"

#include <inttypes.h>
#include <string.h>

#include "api/shape_report.h"

struct walk {
	struct fault *fault; /* set at the first wrong type; ends the walk */
	struct shape_report report;
};

static void walk_value(struct walk *w, const struct shape_place *at,
	const struct shape *s, const json_t *v);

static void violate_null(struct walk *w, const struct shape_place *at)
{
	struct buf *b = shape_report_next(&w->report, at, NULL);

	if (b)
		buf_add_text(b, "Member must not be null");
}

/* what: "length" or "value"; n is that of v. */
static void check_range(struct walk *w, const struct shape_place *at,
	const struct shape *s, const json_t *v, const char *what, int64_t n)
{
	bool less = n < s->min;
	struct buf *b;

	if (!less && n <= s->max)
		return;
	b = shape_report_next(&w->report, at, v);
	if (b)
		buf_printf(b, "Member must have %s %s than or equal to %" PRId64, what,
			less ? "greater" : "less", less ? s->min : s->max);
}

static int64_t characters(const char *s)
{
	int64_t n = 0;

	for (; *s; s++)
		n += (*s & 0xC0) != 0x80;
	return n;
}

static bool is_one_of(const char *text, const char *const *values)
{
	for (; *values; values++) {
		if (strcmp(text, *values) == 0)
			return true;
	}
	return false;
}

static void add_values(struct buf *b, const char *const *values)
{
	buf_add_text(b, "Member must satisfy enum value set: [");
	for (size_t i = 0; values[i]; i++)
		buf_printf(b, "%s%s", i > 0 ? ", " : "", values[i]);
	buf_add_text(b, "]");
}

static void walk_string(struct walk *w, const struct shape_place *at,
	const struct shape *s, const json_t *v)
{
	const char *text = json_string_value(v);
	size_t len = json_string_length(v);
	size_t fit = (int64_t)len > s->max ? (size_t)s->max : len;
	struct buf *b;

	/* What is short in octets is short in characters. */
	if (s->min > 0 || (int64_t)len > s->max)
		check_range(w, at, s, v, "length", characters(text));
	/* The matchers know the lengths, the patterns do not: what is only too long breaks no pattern. */
	if (s->matches && !s->matches(text, fit)) {
		b = shape_report_next(&w->report, at, v);
		if (b)
			buf_printf(b,
				"Member must satisfy regular expression pattern: %s",
				s->pattern);
	}
	if (s->values && !is_one_of(text, s->values)) {
		b = shape_report_next(&w->report, at, v);
		if (b)
			add_values(b, s->values);
	}
}

static void walk_list(struct walk *w, const struct shape_place *above,
	const struct shape *s, const json_t *v)
{
	struct shape_place at = {.above = above, .element = true};
	size_t n = json_array_size(v);

	check_range(w, above, s, v, "length", (int64_t)n);
	for (size_t i = 0; i < n && w->fault->code == FAULT_NONE; i++) {
		at.index = i + 1;
		walk_value(w, &at, s->element, json_array_get(v, i));
	}
}

static void check_key(struct walk *w, const struct shape_place *above,
	const struct shape *key, const char *name, const json_t *map)
{
	struct buf *b;

	if ((!key->matches || key->matches(name, strlen(name))) &&
		characters(name) <= key->max)
		return;
	b = shape_report_next(&w->report, above, map);
	if (!b)
		return;
	buf_printf(b,
		"Map keys must satisfy constraint: [Member must have length less than "
		"or equal to %" PRId64,
		key->max);
	if (key->pattern)
		buf_printf(b, ", Member must satisfy regular expression pattern: %s",
			key->pattern);
	buf_add_text(b, "]");
}

static void walk_map(struct walk *w, const struct shape_place *above,
	const struct shape *s, const json_t *v)
{
	struct shape_place at = {.above = above, .element = true};
	/* jansson's iterators want the object writable; nothing is written. */
	json_t *map = (json_t *)(uintptr_t)v;

	check_range(w, above, s, v, "length", (int64_t)json_object_size(v));
	for (void *i = json_object_iter(map); i && w->fault->code == FAULT_NONE;
		i = json_object_iter_next(map, i)) {
		at.name = json_object_iter_key(i);
		walk_value(w, &at, s->element, json_object_iter_value(i));
		check_key(w, above, s->key, at.name, v);
	}
}

static void walk_struct(struct walk *w, const struct shape_place *above,
	const struct shape *s, const json_t *v)
{
	for (const struct shape_member *m = s->members; m->name; m++) {
		struct shape_place at = {.above = above, .name = m->name};
		const json_t *member = json_object_get(v, m->name);

		if (member && !json_is_null(member))
			walk_value(w, &at, m->shape, member);
		else if (m->required)
			violate_null(w, &at);
		if (w->fault->code != FAULT_NONE)
			return;
	}
}

static const char *const kind_names[] = {
	[SHAPE_STRING] = "a string",
	[SHAPE_INTEGER] = "an integer of 32 bits",
	[SHAPE_LONG] = "an integer",
	[SHAPE_BOOLEAN] = "true or false",
	[SHAPE_STRUCT] = "an object",
	[SHAPE_LIST] = "an array",
	[SHAPE_MAP] = "an object",
};

static const char *const type_names[] = {
	[JSON_OBJECT] = "an object",
	[JSON_ARRAY] = "an array",
	[JSON_STRING] = "a string",
	[JSON_INTEGER] = "a number",
	[JSON_REAL] = "a number with a fraction",
	[JSON_TRUE] = "true",
	[JSON_FALSE] = "false",
	[JSON_NULL] = "null",
};

static bool has_kind(enum shape_kind kind, const json_t *v)
{
	switch (kind) {
	case SHAPE_STRING:
		return json_is_string(v);
	case SHAPE_INTEGER:
		return json_is_integer(v) && json_integer_value(v) >= INT32_MIN &&
		       json_integer_value(v) <= INT32_MAX;
	case SHAPE_LONG:
		return json_is_integer(v);
	case SHAPE_BOOLEAN:
		return json_is_boolean(v);
	case SHAPE_LIST:
		return json_is_array(v);
	case SHAPE_STRUCT:
	case SHAPE_MAP:
		return json_is_object(v);
	}
	return false;
}

static void refuse_type(struct walk *w, const struct shape_place *at,
	const struct shape *s, const json_t *v)
{
	struct buf path = {0};

	if (at) {
		buf_add(&path, "'", 1);
		shape_place_write(&path, at);
		buf_add(&path, "'", 1);
	}
	fault_set(w->fault, FAULT_SERIALIZATION, "%s must be %s, not %s",
		at ? buf_text(&path) : "the body of a request", kind_names[s->kind],
		type_names[json_typeof(v)]);
	buf_free(&path);
}

/* at is NULL for the input as a whole. */
static void walk_value(struct walk *w, const struct shape_place *at,
	const struct shape *s, const json_t *v)
{
	if (at && at->element && json_is_null(v)) {
		violate_null(w, at);
		return;
	}
	if (!has_kind(s->kind, v)) {
		refuse_type(w, at, s, v);
		return;
	}
	switch (s->kind) {
	case SHAPE_STRING:
		walk_string(w, at, s, v);
		break;
	case SHAPE_INTEGER:
	case SHAPE_LONG:
		check_range(w, at, s, v, "value", json_integer_value(v));
		break;
	case SHAPE_BOOLEAN:
		break;
	case SHAPE_STRUCT:
		walk_struct(w, at, s, v);
		break;
	case SHAPE_LIST:
		walk_list(w, at, s, v);
		break;
	case SHAPE_MAP:
		walk_map(w, at, s, v);
		break;
	}
}

bool shape_check(const struct shape *shape, const json_t *in, struct fault *f)
{
	struct walk w = {.fault = f};

	walk_value(&w, NULL, shape, in);
	if (w.report.n > 0)
		fault_set(f, FAULT_INVALID_INPUT,
			"%u validation error%s detected: %s%s", w.report.n,
			w.report.n > 1 ? "s" : "", buf_text(&w.report.text),
			w.report.n > SHAPE_VIOLATIONS_SHOWN ? "; ..." : "");
	buf_free(&w.report.text);
	return f->code == FAULT_NONE;
}
