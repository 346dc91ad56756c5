/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ctl/command.h"
#include "run.h"

Test(help, names_every_command)
{
	struct run r;

	run_line(&r, NULL, "--help");
	cr_assert_eq(r.status, 0);
	for (const struct command *m = command_table; m->name != NULL; m++) {
		char *row = xasprintf("\n  %s ", m->name);

		cr_expect_not_null(strstr(r.out, row), "%s is not in --help", m->name);
		free(row);
	}
	run_free(&r);
}

Test(help, of_a_command_names_its_operands_and_options)
{
	for (const struct command *m = command_table; m->name != NULL; m++) {
		char *line = xasprintf("%s --help", m->name);
		char *usage = xasprintf("usage: cmapctl %s%s%s", m->name,
			m->operands[0] != '\0' ? " " : "", m->operands);
		struct run r;

		run_line(&r, NULL, line);
		cr_expect_eq(r.status, 0, "%s", line);
		cr_expect(run_begins(r.out, usage), "%s: %s", line, r.out);
		for (const struct args_option *o = m->options;
			o != NULL && o->name != NULL; o++) {
			char *row = xasprintf("\n  --%s ", o->name);

			cr_expect_not_null(strstr(r.out, row), "%s lacks --%s", line,
				o->name);
			free(row);
		}
		run_free(&r);
		free(usage);
		free(line);
	}
}

Test(help, of_a_group_names_only_its_commands)
{
	struct run r;

	run_line(&r, NULL, "namespace --help");
	cr_assert_eq(r.status, 0);
	cr_assert_not_null(strstr(r.out, "\n  namespace delete NAME "));
	cr_assert_null(strstr(r.out, "\n  service "));
	run_free(&r);
}

Test(help, version_is_one_line)
{
	struct run r;

	run_line(&r, NULL, "--version");
	cr_assert_eq(r.status, 0);
	cr_assert_str_eq(r.out, "cmapctl " PACKAGE_VERSION "\n");
	run_free(&r);
}

/* The manual page as text; the caller frees it. */
static char *read_manual(void)
{
	const char *srcdir = getenv("srcdir");
	char *path = xasprintf("%s/man/cmapctl.1", srcdir != NULL ? srcdir : "..");
	FILE *file = fopen(path, "re");
	char *text = xcalloc(1, 65536);
	size_t len;

	cr_assert_not_null(file, "%s cannot be read", path);
	len = fread(text, 1, 65535, file);
	text[len] = '\0';
	fclose(file);
	free(path);
	return text;
}

/* Takes "\n.It Ic NAME ..." up to the next command or section; the caller frees it. */
static char *manual_of(const char *manual, const char *command)
{
	char *head = xasprintf("\n.It Ic %s\n", command);
	char *head_operands = xasprintf("\n.It Ic %s Ar ", command);
	char *head_optional = xasprintf("\n.It Ic %s Op Ar ", command);
	const char *at = strstr(manual, head);
	const char *end;
	const char *section;

	at = at != NULL ? at : strstr(manual, head_operands);
	at = at != NULL ? at : strstr(manual, head_optional);
	free(head);
	free(head_operands);
	free(head_optional);
	if (at == NULL)
		return NULL;
	end = strstr(at + 1, "\n.It Ic ");
	section = strstr(at + 1, "\n.Sh ");
	if (end == NULL || (section != NULL && section < end))
		end = section;
	return end != NULL ? xstrndup(at, (size_t)(end - at)) : xstrdup(at);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		n++;
	return n;
}

Test(help, the_manual_describes_what_the_table_holds)
{
	char *manual = read_manual();
	size_t n_commands = 0;

	for (const struct command *m = command_table; m->name != NULL; m++) {
		char *block = manual_of(manual, m->name);
		size_t n_options = 0;

		n_commands++;
		cr_expect_not_null(block, "cmapctl(1) lacks '%s'", m->name);
		if (block == NULL)
			continue;
		for (const struct args_option *o = m->options;
			o != NULL && o->name != NULL; o++) {
			char *item = xasprintf("\n.It Fl -%s%s%s\n", o->name,
				o->value != NULL ? " Ar " : "",
				o->value != NULL ? o->value : "");

			n_options++;
			cr_expect_not_null(strstr(block, item),
				"cmapctl(1), '%s' lacks:%s", m->name, item);
			free(item);
		}
		cr_expect_eq(count(block, "\n.It Fl "), n_options,
			"cmapctl(1), '%s' has more options", m->name);
		free(block);
	}
	for (const struct args_option *o = args_common; o->name != NULL; o++) {
		char *item = xasprintf("\n.It Fl -%s%s%s\n", o->name,
			o->value != NULL ? " Ar " : "",
			o->value != NULL ? o->value : "");

		cr_expect_not_null(strstr(manual, item), "cmapctl(1) lacks:%s", item);
		free(item);
	}
	cr_expect_eq(count(manual, "\n.It Ic "), n_commands,
		"cmapctl(1) has more commands");
	free(manual);
}
