/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "base/mem.h"
#include "ctl/ctl.h"

#define WORDS_MAX 64

static void run_words(struct run *r, char **words, int n)
{
	size_t out_len;
	size_t err_len;
	FILE *out = open_memstream(&r->out, &out_len);
	FILE *err = open_memstream(&r->err, &err_len);

	unsetenv("CMAP_API");
	unsetenv("CMAP_SOCKET");
	unsetenv("CMAP_SERVER");
	r->status = ctl_main(n, words, out, err);
	fclose(out);
	fclose(err);
}

void run_ctl(struct run *r, const char *const *words)
{
	size_t n = 0;
	char **copy;

	while (words[n] != NULL)
		n++;
	copy = xcalloc(n + 2, sizeof(*copy));
	copy[0] = xstrdup("cmapctl");
	for (size_t i = 0; i < n; i++)
		copy[i + 1] = xstrdup(words[i]);
	run_words(r, copy, (int)n + 1);
	for (size_t i = 0; i <= n; i++)
		free(copy[i]);
	free(copy);
}

void run_line(struct run *r, const char *socket_path, const char *line)
{
	char *copy = xstrdup(line);
	const char *words[WORDS_MAX] = {NULL};
	char *rest = copy;
	int n = 0;

	if (socket_path != NULL) {
		words[n++] = "--socket";
		words[n++] = socket_path;
	}
	while (rest != NULL && rest[0] != '\0' && n < WORDS_MAX - 2)
		words[n++] = strsep(&rest, " ");
	run_ctl(r, words);
	free(copy);
}

void run_free(struct run *r)
{
	free(r->out);
	free(r->err);
	*r = (struct run){0};
}

bool run_begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}
