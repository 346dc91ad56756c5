/* SPDX-License-Identifier: MIT */
#include "config/settings.h"

#include <stdlib.h>

#include "base/mem.h"

struct setting *settings_of(struct settings *s, const struct config_option *o)
{
	return &s->of[o - config_options];
}

static void setting_clear(struct setting *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->text[i]);
	free(s->text);
	s->text = NULL;
	s->n = 0;
}

void settings_mark(struct settings *s, const struct config_option *o, const char *where)
{
	struct setting *set = settings_of(s, o);

	free(set->where);
	set->where = xstrdup(where);
}

void settings_add(struct settings *s, const struct config_option *o, const char *text,
	const char *where)
{
	struct setting *set = settings_of(s, o);

	if (!o->type->list)
		setting_clear(set);
	set->text = xreallocarray(set->text, set->n + 1, sizeof(*set->text));
	set->text[set->n++] = xstrdup(text);
	settings_mark(s, o, where);
}

void settings_free(struct settings *s)
{
	for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
		setting_clear(&s->of[i]);
		free(s->of[i].where);
		s->of[i].where = NULL;
	}
}
