/* SPDX-License-Identifier: MIT */
#include "ctl/help.h"

#include <string.h>

#include "ctl/command.h"

#define INDENT 34

/* What is too wide for the left column has a line of its own. */
static void print_pair(FILE *out, const char *left, const char *right)
{
	if (strlen(left) > INDENT)
		fprintf(out, "  %s\n  %-*s %s\n", left, INDENT, "", right);
	else
		fprintf(out, "  %-*s %s\n", INDENT, left, right);
}

static void print_options(FILE *out, const struct args_option *o)
{
	for (; o != NULL && o->name != NULL; o++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s%s%s%s", o->name,
			o->value != NULL ? " " : "", o->value != NULL ? o->value : "",
			o->many ? " ..." : "");
		print_pair(out, left, o->help);
	}
}

static void print_command(FILE *out, const struct command *m)
{
	fprintf(out, "usage: cmapctl %s%s%s%s\n%s\n", m->name,
		m->operands[0] != '\0' ? " " : "", m->operands,
		m->options != NULL ? " [OPTION]..." : "", m->summary);
	if (m->options != NULL) {
		fputs("\noptions:\n", out);
		print_options(out, m->options);
	}
}

static void print_commands(FILE *out, const char *group)
{
	size_t len = group != NULL ? strlen(group) : 0;

	fputs("\ncommands:\n", out);
	for (const struct command *m = command_table; m->name != NULL; m++) {
		char left[64];

		if (group != NULL &&
			(strncmp(m->name, group, len) != 0 || m->name[len] != ' '))
			continue;
		snprintf(left, sizeof(left), "%s %s", m->name, m->operands);
		print_pair(out, left, m->summary);
	}
}

void help_print(FILE *out, const struct args *a)
{
	if (a->command != NULL) {
		print_command(out, a->command);
	} else {
		fprintf(out, "usage: cmapctl [--socket PATH | --api URL] [--json] %s\n",
			a->group != NULL ? a->group : "COMMAND");
		print_commands(out, a->group);
	}
	fputs("\noptions of every command:\n", out);
	print_options(out, args_common);
}
