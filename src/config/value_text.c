/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/mem.h"
#include "config/value.h"

#define LABEL_MAX 63
#define NAME_TEXT_MAX                                                                  \
	253 /* without the last dot; RFC 1035 s2.3.4: 255 octets on the wire */
#define ACCOUNT_DIGITS  12
#define REGION_MAX      32
#define LOWER_AND_DIGIT "abcdefghijklmnopqrstuvwxyz0123456789"
#define UPPER           "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static void string_release(void *member)
{
	char **s = member;

	free(*s);
	*s = NULL;
}

static void string_set(void *member, const char *text)
{
	string_release(member);
	*(char **)member = xstrdup(text);
}

static void string_format(const void *member, struct buf *out)
{
	config_quote(*(char *const *)member, out);
}

/* Host names and "_service" labels, with or without the last dot; not the root. */
static bool is_domain_name(const char *text)
{
	size_t len = strlen(text);
	size_t label = 0;

	if (len && text[len - 1] == '.')
		len--;
	if (len == 0 || len > NAME_TEXT_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (!strchr(LOWER_AND_DIGIT UPPER "-_", text[i]) ||
			   ++label > LABEL_MAX) {
			return false;
		}
	}
	return label > 0;
}

static bool same_name(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);

	a_len -= a[a_len - 1] == '.';
	b_len -= b[b_len - 1] == '.';
	return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

static int name_check(const char *text, struct buf *why)
{
	if (is_domain_name(text))
		return CMAP_OK;
	buf_printf(why, "'%s' is not a domain name", text);
	return CMAP_E_INVALID;
}

static int name_parse(const struct config_option *o, const char *text, void *member,
	struct buf *why)
{
	(void)o;
	if (name_check(text, why) != CMAP_OK)
		return CMAP_E_INVALID;
	string_set(member, text);
	return CMAP_OK;
}

const struct config_type config_type_name = {
	name_parse, string_format, string_release, false};

/* Clients put "data-" in front of the first label. */
static int api_name_parse(const struct config_option *o, const char *text, void *member,
	struct buf *why)
{
	char *longer = xasprintf("data-%s", text);
	bool has_room = is_domain_name(longer);

	(void)o;
	free(longer);
	if (text[0] != '\0' && name_check(text, why) != CMAP_OK)
		return CMAP_E_INVALID;
	if (text[0] != '\0' && !has_room) {
		buf_printf(why, "'%s' leaves no room for 'data-' in front of it", text);
		return CMAP_E_INVALID;
	}
	string_set(member, text);
	return CMAP_OK;
}

const struct config_type config_type_api_name = {
	api_name_parse, string_format, string_release, false};

void value_names_add(struct config_names *list, const char *text)
{
	list->at = xreallocarray(list->at, list->n + 1, sizeof(*list->at));
	list->at[list->n++] = xstrdup(text);
}

static int names_parse(const struct config_option *o, const char *text, void *member,
	struct buf *why)
{
	struct config_names *list = member;

	(void)o;
	if (name_check(text, why) != CMAP_OK)
		return CMAP_E_INVALID;
	for (size_t i = 0; i < list->n; i++) {
		if (same_name(text, list->at[i])) {
			buf_printf(why, "'%s' is there already", text);
			return CMAP_E_INVALID;
		}
	}
	if (list->n == CONFIG_LIST_MAX) {
		buf_printf(why, "more than %d names", CONFIG_LIST_MAX);
		return CMAP_E_INVALID;
	}
	value_names_add(list, text);
	return CMAP_OK;
}

void value_names_format(const void *member, struct buf *out)
{
	const struct config_names *list = member;

	buf_add_text(out, "{");
	for (size_t i = 0; i < list->n; i++) {
		buf_add_text(out, i ? ", " : "");
		config_quote(list->at[i], out);
	}
	buf_add_text(out, "}");
}

void value_names_release(void *member)
{
	struct config_names *list = member;

	for (size_t i = 0; i < list->n; i++)
		free(list->at[i]);
	free(list->at);
	*list = (struct config_names){0};
}

const struct config_type config_type_names = {
	names_parse, value_names_format, value_names_release, true};

static int text_parse(const struct config_option *o, const char *text, void *member,
	struct buf *why)
{
	size_t len = strlen(text);

	if (len > (size_t)o->max) {
		buf_printf(why, "a text of %zu bytes; %lld is the most", len,
			(long long)o->max);
		return CMAP_E_INVALID;
	}
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7F) {
			buf_printf(why, "a control character in '%s'", text);
			return CMAP_E_INVALID;
		}
	}
	string_set(member, text);
	return CMAP_OK;
}

const struct config_type config_type_text = {
	text_parse, string_format, string_release, false};

static int path_parse(const struct config_option *o, const char *text, void *member,
	struct buf *why)
{
	size_t len = strlen(text);

	if (len == 0) {
		buf_add_text(why, "an empty path");
		return CMAP_E_INVALID;
	}
	if (len > (size_t)o->max) {
		buf_printf(why, "a path of %zu bytes; %lld is the most", len,
			(long long)o->max);
		return CMAP_E_INVALID;
	}
	return text_parse(o, text, member, why);
}

const struct config_type config_type_path = {
	path_parse, string_format, string_release, false};

static int account_parse(const struct config_option *o, const char *text, void *member,
	struct buf *why)
{
	(void)o;
	if (strlen(text) != ACCOUNT_DIGITS ||
		strspn(text, "0123456789") != ACCOUNT_DIGITS) {
		buf_printf(why, "'%s' is not %d digits", text, ACCOUNT_DIGITS);
		return CMAP_E_INVALID;
	}
	string_set(member, text);
	return CMAP_OK;
}

const struct config_type config_type_account = {
	account_parse, string_format, string_release, false};

static int region_parse(const struct config_option *o, const char *text, void *member,
	struct buf *why)
{
	size_t len = strlen(text);

	(void)o;
	if (len == 0 || len > REGION_MAX || strspn(text, LOWER_AND_DIGIT "-") != len) {
		buf_printf(why, "'%s' is not a region such as us-east-1", text);
		return CMAP_E_INVALID;
	}
	string_set(member, text);
	return CMAP_OK;
}

const struct config_type config_type_region = {
	region_parse, string_format, string_release, false};
