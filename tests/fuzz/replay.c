/* SPDX-License-Identifier: MIT */
/*
 * replay.c -- runs a fuzz target over its corpus, once each, as a test: fuzz_NAME over
 * $srcdir/tests/fuzz/corpus/NAME, or over the folders given. TAP. What a target finds wrong ends the process.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SEED_MAX 1048576

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_seed(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static void replay_file(const char *path)
{
	uint8_t *data = xmalloc(SEED_MAX);
	FILE *file = fopen(path, "rb");
	size_t len;

	if (!file) {
		perror(path);
		exit(1);
	}
	len = fread(data, 1, SEED_MAX, file);
	fclose(file);
	/* To the octet, so that a sanitizer sees a step beyond. */
	data = xreallocarray(data, len > 0 ? len : 1, 1);
	LLVMFuzzerTestOneInput(data, len);
	free(data);
}

/* Seeds in dir, run in the order of their names. */
static int replay_folder(const char *dir)
{
	struct dirent **seeds;
	int n = scandir(dir, &seeds, is_seed, alphasort);

	if (n < 0) {
		perror(dir);
		exit(1);
	}
	for (int i = 0; i < n; i++) {
		char *path = xasprintf("%s/%s", dir, seeds[i]->d_name);

		printf("# %s\n", seeds[i]->d_name);
		fflush(stdout);
		replay_file(path);
		free(path);
		free(seeds[i]);
	}
	free(seeds);
	return n;
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	const char *name = strstr(argv[0], "fuzz_");
	int n = 0;

	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			n += replay_folder(argv[i]);
	} else {
		char *dir;

		for (const char *p = name; p && (p = strstr(p + 1, "fuzz_"));)
			name = p;
		dir = xasprintf("%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".",
			name ? name + 5 : "");
		n = replay_folder(dir);
		free(dir);
	}
	printf("1..1\n%sok 1 - %d seeds\n", n > 0 ? "" : "not ", n);
	return n > 0 ? 0 : 1;
}
