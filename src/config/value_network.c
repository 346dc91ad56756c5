/* SPDX-License-Identifier: MIT */
/* Lists of networks, and of views, which are made of networks. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "config/value.h"

enum { VIEW_TEXT_MAX = 1024 };

#define BLANKS " \t"

static const struct prefix any[] = {{4, 0, {0}}, {16, 0, {0}}};

/* What a word of a list of networks stands for. NULL: it is no word. */
static const struct prefix *networks_of(const char *word, size_t *n)
{
	if (strcmp(word, "private") == 0) {
		*n = prefix_n_private;
		return prefix_private;
	}
	*n = CMAP_COUNT(any);
	return strcmp(word, "any") == 0 ? any : NULL;
}

/* One word. *n: how many networks it stands for. */
static int network_check(const char *text, size_t *n, struct buf *why)
{
	struct prefix p;
	int err;

	if (networks_of(text, n) != NULL)
		return CMAP_OK;
	*n = 1;
	err = prefix_parse(text, &p);
	if (err == CMAP_E_RANGE)
		buf_printf(why, "'%s' has bits behind its prefix", text);
	else if (err != CMAP_OK)
		buf_printf(why,
			"'%s' is not a network such as 10.0.0.0/8 or fd00::/8, nor "
			"'private' or 'any'",
			text);
	return err == CMAP_OK ? CMAP_OK : CMAP_E_INVALID;
}

/* Adds the networks of a word that has been checked; there is room. Returns how many. */
static size_t network_add(const char *text, struct prefix *out)
{
	size_t n;
	const struct prefix *p = networks_of(text, &n);

	if (p == NULL)
		return prefix_parse(text, out) == CMAP_OK ? 1 : 0;
	memcpy(out, p, n * sizeof(*p));
	return n;
}

static int networks_parse(const struct config_option *o, const char *text, void *member,
	struct buf *why)
{
	struct config_names *list = member;
	size_t n;

	if (network_check(text, &n, why) != CMAP_OK)
		return CMAP_E_INVALID;
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(text, list->at[i]) == 0) {
			buf_printf(why, "'%s' is there already", text);
			return CMAP_E_INVALID;
		}
	}
	if (list->n == (size_t)o->max) {
		buf_printf(why, "more than %lld networks", (long long)o->max);
		return CMAP_E_INVALID;
	}
	value_names_add(list, text);
	return CMAP_OK;
}

size_t config_networks(const struct config_names *list,
	struct prefix out[CONFIG_NETWORKS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		n += network_add(list->at[i], out + n);
	return n;
}

const struct config_type config_type_networks = {
	networks_parse, value_names_format, value_names_release, true};

/* ---- views ------------------------------------------------------------------------------------- */

static bool is_view_name(const char *name)
{
	size_t len = strlen(name);

	return len >= 1 && len <= CONFIG_VIEW_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789-_.") == len;
}

/* Networks of the views in list, less those that one more has. */
static size_t count_networks(const struct config_names *list)
{
	struct config_view_network all[CONFIG_NETWORKS_MAX];

	return config_views(list, all);
}

void config_view_name(const struct config_names *list, size_t at,
	char out[CONFIG_VIEW_NAME_MAX + 1])
{
	size_t len = strcspn(list->at[at], BLANKS);

	memcpy(out, list->at[at], len);
	out[len] = '\0';
}

/* The words behind the name are networks, room of them at the most. */
static int view_check(char *text, size_t room, char **name, struct buf *why)
{
	char *rest = NULL;
	char *word;
	size_t n, all = 0;

	*name = strtok_r(text, BLANKS, &rest);
	if (*name == NULL || !is_view_name(*name)) {
		buf_printf(why,
			"'%s' is not the name of a view and its networks, such as "
			"'office 10.0.0.0/8'",
			*name == NULL ? "" : *name);
		return CMAP_E_INVALID;
	}
	while ((word = strtok_r(NULL, BLANKS, &rest)) != NULL) {
		if (network_check(word, &n, why) != CMAP_OK)
			return CMAP_E_INVALID;
		all += n;
	}
	if (all == 0)
		buf_printf(why, "view '%s' has no networks", *name);
	else if (all > room)
		buf_printf(why, "all views have more than %d networks",
			CONFIG_NETWORKS_MAX);
	return all > 0 && all <= room ? CMAP_OK : CMAP_E_INVALID;
}

static int views_parse(const struct config_option *o, const char *text, void *member,
	struct buf *why)
{
	struct config_names *list = member;
	char copy[VIEW_TEXT_MAX], other[CONFIG_VIEW_NAME_MAX + 1];
	char *name;

	if (strlen(text) >= sizeof(copy)) {
		buf_printf(why, "a view of more than %d characters", VIEW_TEXT_MAX - 1);
		return CMAP_E_INVALID;
	}
	if (list->n == (size_t)o->max) {
		buf_printf(why, "more than %lld views", (long long)o->max);
		return CMAP_E_INVALID;
	}
	strcpy(copy, text);
	if (view_check(copy, CONFIG_NETWORKS_MAX - count_networks(list), &name, why) !=
		CMAP_OK)
		return CMAP_E_INVALID;
	for (size_t i = 0; i < list->n; i++) {
		config_view_name(list, i, other);
		if (strcmp(name, other) == 0) {
			buf_printf(why, "view '%s' is there already", name);
			return CMAP_E_INVALID;
		}
	}
	value_names_add(list, text + strspn(text, BLANKS));
	return CMAP_OK;
}

size_t config_views(const struct config_names *list,
	struct config_view_network out[CONFIG_NETWORKS_MAX])
{
	struct prefix prefix[CONFIG_NETWORKS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		char copy[VIEW_TEXT_MAX];
		char *rest = NULL, *word;

		snprintf(copy, sizeof(copy), "%s", list->at[i]);
		word = strtok_r(copy, BLANKS, &rest);
		while ((word = strtok_r(NULL, BLANKS, &rest)) != NULL) {
			size_t more = network_add(word, prefix);

			for (size_t k = 0; k < more; k++)
				out[n++] = (struct config_view_network){prefix[k], i};
		}
	}
	return n;
}

const struct config_type config_type_views = {
	views_parse, value_names_format, value_names_release, true};
