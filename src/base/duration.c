/* SPDX-License-Identifier: MIT */
#include "base/duration.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* The largest first, so that duration_format() finds the shortest form. */
static const struct {
	const char *name;
	int64_t ms;
} units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

int duration_parse(const char *text, int64_t *out_ms)
{
	const char *p = text;
	int64_t n = 0;

	if (strcmp(text, "0") == 0) {
		*out_ms = 0;
		return CMAP_OK;
	}
	for (; *p >= '0' && *p <= '9'; p++) {
		/* Stays over the maximum once it is there, so it can't overflow. */
		if (n <= DURATION_MAX_MS)
			n = n * 10 + (*p - '0');
	}
	if (p == text)
		return CMAP_E_INVALID;
	for (size_t i = 0; i < CMAP_COUNT(units); i++) {
		if (strcmp(p, units[i].name) != 0)
			continue;
		if (n > DURATION_MAX_MS / units[i].ms)
			return CMAP_E_RANGE;
		*out_ms = n * units[i].ms;
		return CMAP_OK;
	}
	return CMAP_E_INVALID;
}

void duration_format(int64_t ms, char out[DURATION_TEXT])
{
	size_t i = 0;

	if (ms == 0) {
		strcpy(out, "0");
		return;
	}
	while (ms % units[i].ms != 0)
		i++;
	snprintf(out, DURATION_TEXT, "%lld%s", (long long)(ms / units[i].ms),
		units[i].name);
}
