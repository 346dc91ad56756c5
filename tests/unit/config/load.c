/* SPDX-License-Identifier: MIT */
#include "unit/config/load.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"

#define ARGS_MAX 256

int load(struct config **out, struct config_error *error, ...)
{
	static char name[] = "cmapd";
	char *argv[ARGS_MAX] = {name};
	int argc = 1;
	va_list ap;

	va_start(ap, error);
	while (argc < ARGS_MAX - 1 && (argv[argc] = va_arg(ap, char *)))
		argc++;
	va_end(ap);
	*error = (struct config_error){0};
	return config_load(argc, argv, out, error);
}

void scratch_init(struct scratch *s)
{
	snprintf(s->dir, sizeof(s->dir), "/tmp/cmap-config-XXXXXX");
	cr_assert(mkdtemp(s->dir), "mkdtemp");
	snprintf(s->file, sizeof(s->file), "%s/cmapd.conf", s->dir);
}

void scratch_write(const struct scratch *s, const char *text)
{
	FILE *f = fopen(s->file, "w");

	cr_assert(f, "%s", s->file);
	cr_assert(fputs(text, f) >= 0, "%s", s->file);
	cr_assert_eq(fclose(f), 0, "%s", s->file);
}

void scratch_free(const struct scratch *s)
{
	unlink(s->file);
	rmdir(s->dir);
}
