/* SPDX-License-Identifier: MIT */
/* data/cmapd.conf, cmapd.conf(5) and cmapd(8) against the table of options. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"
#include "config/file.h"
#include "config/option.h"
#include "test.h"

/* A built file as text; the caller frees it. */
static char *built(const char *path)
{
	const char *dir = getenv("builddir");
	char *full = xasprintf("%s/%s", dir ? dir : ".", path);
	FILE *f = fopen(full, "r");
	struct buf text = {0};
	char chunk[4096];
	size_t n;

	cr_assert(f, "%s is missing; run make first", full);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&text, chunk, n);
	fclose(f);
	free(full);
	return buf_take(&text);
}

/* The text with the '#' before each "#name = value" taken away. */
static char *uncommented(const char *text)
{
	struct buf out = {0};

	for (const char *p = text; *p; p++) {
		if (*p == '#' && (p == text || p[-1] == '\n') && p[1] >= 'a' &&
			p[1] <= 'z')
			continue;
		buf_add(&out, p, 1);
	}
	return buf_take(&out);
}

Test(papers, the_sample_file_has_every_option_with_its_default)
{
	char *text = built("data/cmapd.conf");
	char *active = uncommented(text);
	struct settings s = {0};
	struct buf why = {0};

	cr_assert_eq(file_parse("cmapd.conf", active, strlen(active), &s, &why),
		CMAP_OK, "%s", buf_text(&why));
	for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
		const struct config_option *o = &config_options[i];
		const struct setting *set = settings_of(&s, o);

		cr_expect(set->where, "%s is missing", o->name);
		cr_expect_eq(set->n, o->initial ? 1 : 0, "%s", o->name);
		if (set->n && o->initial)
			cr_expect_str_eq(set->text[0], o->initial, "%s", o->name);
	}
	settings_free(&s);
	buf_free(&why);
	free(text);
	free(active);
}

Test(papers, the_sample_file_changes_nothing_as_it_stands)
{
	char *text = built("data/cmapd.conf");
	struct settings s = {0};
	struct buf why = {0};

	cr_assert_eq(file_parse("cmapd.conf", text, strlen(text), &s, &why), CMAP_OK);
	for (size_t i = 0; i < CONFIG_OPTIONS; i++)
		cr_expect_null(s.of[i].where, "%s", config_options[i].name);
	settings_free(&s);
	free(text);
}

/* What stands behind mark up to the end of its line, "\&" taken out; NULL if mark is not there. */
static char *line_behind(const char *text, const char *mark)
{
	const char *at = strstr(text, mark);
	struct buf out = {0};

	if (!at)
		return NULL;
	for (at += strlen(mark); *at && *at != '\n'; at++) {
		if (at[0] == '\\' && at[1] == '&')
			at++;
		else
			buf_add(&out, at, 1);
	}
	return buf_take(&out);
}

Test(papers, the_manual_has_every_option_with_its_default)
{
	char *text = built("man/cmapd.conf.5");

	for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
		const struct config_option *o = &config_options[i];
		char *mark = xasprintf("\n.It Ic %s No = Ar ", o->name);
		char *item = strstr(text, mark);
		bool none = !o->initial || !*o->initial;
		char *given;

		cr_assert(item, "%s is missing", o->name);
		given = line_behind(item, none ? "\nDefault:" : "\nDefault:\n.Ql ");
		cr_assert(given, "%s has no default", o->name);
		cr_expect_str_eq(given, none ? " none" : o->initial, "%s: %s", o->name,
			given);
		free(given);
		free(mark);
	}
	free(text);
}

/* How often mark stands in text. */
static size_t count(const char *text, const char *mark)
{
	size_t n = 0;

	while ((text = strstr(text, mark))) {
		text += strlen(mark);
		n++;
	}
	return n;
}

Test(papers, name_no_option_that_is_not_there)
{
	char *manual = built("man/cmapd.conf.5");
	char *program = built("man/cmapd.8");
	size_t on_command_line =
		5; /* config, check-config, dump-config, version, help */

	cr_expect_eq(count(manual, "\n.It Ic "), CONFIG_OPTIONS);
	for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
		const struct config_option *o = &config_options[i];
		char *mark = xasprintf("\n.It Fl -%s Ar %s\n", o->name,
			o->arg ? o->arg : "");

		cr_expect_eq(count(program, mark), o->arg ? 1 : 0, "%s", o->name);
		on_command_line += o->arg ? 1 : 0;
		free(mark);
	}
	cr_expect_eq(count(program, "\n.It Fl -"), on_command_line);
	free(manual);
	free(program);
}
