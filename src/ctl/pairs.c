/* SPDX-License-Identifier: MIT */
#include "ctl/pairs.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ctl/check.h"
#include "ctl/table.h"

int pairs_add(const struct ctl *c, const char *option, const char *text, json_t *pairs)
{
	size_t len;
	int status = check_pair(c, option, text, &len);
	char *key;

	if (status != CTL_OK)
		return status;
	key = xstrndup(text, len);
	if (json_object_get(pairs, key) != NULL)
		status = ctl_fail(c, CTL_USAGE, "%s%s%s'%s' is given twice",
			option != NULL ? "option '--" : "",
			option != NULL ? option : "", option != NULL ? "': " : "", key);
	else
		json_object_set_new(pairs, key, json_string(text + len + 1));
	free(key);
	return status;
}

int pairs_add_options(const struct ctl *c, const struct args *a, const char *option,
	json_t *pairs)
{
	const char *text;
	size_t at = 0;
	int status = CTL_OK;

	while (status == CTL_OK && (text = args_next(a, option, &at)) != NULL)
		status = pairs_add(c, option, text, pairs);
	return status;
}

int pairs_add_operands(const struct ctl *c, const struct args *a, json_t *pairs)
{
	int status = CTL_OK;

	for (size_t i = 1; i < a->n_operands && status == CTL_OK; i++)
		status = pairs_add(c, NULL, a->operands[i], pairs);
	return status;
}

json_t *pairs_keys(const struct args *a)
{
	json_t *keys = json_array();

	for (size_t i = 1; i < a->n_operands; i++)
		json_array_append_new(keys, json_string(a->operands[i]));
	return keys;
}

void pairs_print(const struct ctl *c, json_t *pairs)
{
	static const char *const headings[] = {"KEY", "VALUE"};
	struct table *t = table_new(headings, CMAP_COUNT(headings));
	const char *key;
	json_t *value;

	json_object_foreach (pairs, key, value)
		table_add(t, (const char *const[]){key, json_string_value(value)});
	table_finish(t, c->out);
}
