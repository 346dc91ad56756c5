/* SPDX-License-Identifier: MIT */
#include "ctl/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/command.h"
#include "ctl/help.h"

const struct args_option args_common[] = {
	{"socket", "PATH", "the Unix socket of cmapd", false},
	{"api", "URL", "the API of cmapd over TCP, as http://127.0.0.1:8080", false},
	{"json", NULL, "print JSON", false},
	{"help", NULL, "tell how it is used", false},
	{"version", NULL, "tell the version", false},
	{NULL, NULL, NULL, false},
};

static const struct args_option *find_in(const struct args_option *table,
	const char *name, size_t len)
{
	for (; table != NULL && table->name != NULL; table++) {
		if (strlen(table->name) == len && memcmp(table->name, name, len) == 0)
			return table;
	}
	return NULL;
}

/* "register", or what was typed of it so far, behind a space; "" before any command. */
static const char *help_of(const struct args *a, char out[64])
{
	const char *name = a->command != NULL ? a->command->name : a->group;

	out[0] = '\0';
	if (name != NULL)
		snprintf(out, 64, " %s", name);
	return out;
}

/* Takes option argv[*i], and the word behind it if that is its value. */
static int take_option(const struct ctl *c, struct args *a, int argc, char **argv,
	int *i)
{
	char command[64];
	const char *word = argv[*i];
	const char *name = word + 2;
	size_t len = strcspn(name, "=");
	const char *value = name[len] == '=' ? name + len + 1 : NULL;
	const struct args_option *o = NULL;

	if (word[1] == '-' && a->command != NULL)
		o = find_in(a->command->options, name, len);
	if (word[1] == '-' && o == NULL)
		o = find_in(args_common, name, len);
	if (o == NULL)
		return ctl_fail(c, CTL_USAGE,
			"unknown option '%.*s'; see: cmapctl%s --help",
			(int)(word[1] == '-' ? len + 2 : strlen(word)), word,
			help_of(a, command));
	if (o->value == NULL && value != NULL)
		return ctl_fail(c, CTL_USAGE, "option '--%s' takes no value", o->name);
	if (o->value != NULL && value == NULL) {
		if (*i + 1 >= argc)
			return ctl_fail(c, CTL_USAGE, "option '--%s' needs a value: %s",
				o->name, o->value);
		value = argv[++*i];
	}
	if (!o->many && o->value != NULL && args_has(a, o->name))
		return ctl_fail(c, CTL_USAGE, "option '--%s' is given twice", o->name);
	a->given[a->n_given++] = (struct args_given){o, value};
	return CTL_OK;
}

static int take_word(const struct ctl *c, struct args *a, const char *word)
{
	char full[64];

	if (a->command != NULL) {
		a->operands[a->n_operands++] = word;
		return CTL_OK;
	}
	if (a->group == NULL) {
		a->command = command_find(word);
		if (a->command != NULL)
			return CTL_OK;
		a->group = command_group(word);
		if (a->group != NULL)
			return CTL_OK;
		return ctl_fail(c, CTL_USAGE,
			"unknown command '%s'; see: cmapctl --help", word);
	}
	snprintf(full, sizeof(full), "%s %s", a->group, word);
	a->command = command_find(full);
	if (a->command != NULL)
		return CTL_OK;
	return ctl_fail(c, CTL_USAGE, "unknown command '%s %s'; see: cmapctl %s --help",
		a->group, word, a->group);
}

int args_parse(const struct ctl *c, int argc, char **argv, struct args *a)
{
	bool options = true;

	*a = (struct args){0};
	a->operands = xcalloc((size_t)argc + 1, sizeof(*a->operands));
	a->given = xcalloc((size_t)argc + 1, sizeof(*a->given));
	for (int i = 1; i < argc; i++) {
		json_t *word = json_string(argv[i]);
		int status;

		json_decref(word);
		if (word == NULL)
			return ctl_fail(c, CTL_USAGE, "'%s' is not valid UTF-8",
				argv[i]);

		if (options && strcmp(argv[i], "--") == 0) {
			options = false;
			continue;
		}
		if (options && argv[i][0] == '-' && argv[i][1] != '\0')
			status = take_option(c, a, argc, argv, &i);
		else
			status = take_word(c, a, argv[i]);
		if (status != CTL_OK)
			return status;
	}
	return CTL_OK;
}

int args_check(const struct ctl *c, const struct args *a)
{
	const struct command *m = a->command;

	if (m == NULL && a->group != NULL)
		return ctl_fail(c, CTL_USAGE,
			"'%s' needs a command; see: cmapctl %s --help", a->group,
			a->group);
	if (m == NULL)
		return ctl_fail(c, CTL_USAGE, "no command given; see: cmapctl --help");
	if (a->n_operands < m->min)
		return ctl_fail(c, CTL_USAGE, "'%s' needs %s; see: cmapctl %s --help",
			m->name, m->operands, m->name);
	if (a->n_operands > m->max)
		return ctl_fail(c, CTL_USAGE,
			"'%s' takes no operand '%s'; see: cmapctl %s --help", m->name,
			a->operands[m->max], m->name);
	return CTL_OK;
}

void args_free(struct args *a)
{
	free(a->operands);
	free(a->given);
	*a = (struct args){0};
}

const char *args_next(const struct args *a, const char *option, size_t *at)
{
	while (*at < a->n_given) {
		const struct args_given *g = &a->given[(*at)++];

		if (strcmp(g->option->name, option) == 0)
			return g->value;
	}
	return NULL;
}

const char *args_value(const struct args *a, const char *option)
{
	size_t at = 0;

	return args_next(a, option, &at);
}

bool args_has(const struct args *a, const char *option)
{
	for (size_t i = 0; i < a->n_given; i++) {
		if (strcmp(a->given[i].option->name, option) == 0)
			return true;
	}
	return false;
}
