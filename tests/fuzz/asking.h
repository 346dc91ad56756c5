/* SPDX-License-Identifier: MIT */
/*
 * asking.h -- from any octets to a query that is nearly always well-formed: a name that exists or nearly does,
 * a type, EDNS with options, and cookies that are good.
 */
#ifndef TESTS_FUZZ_ASKING_H
#define TESTS_FUZZ_ASKING_H

#include "server/cookie.h"

#define ASKING_MAX 1024

struct asking {
	const uint8_t *data; /* taken octet by octet; behind its end are zeros */
	size_t left;
	const char *const *names; /* plain text */
	size_t n_names;
	const struct cookie_secrets *secrets;
	const struct client *client;
	uint32_t now_s;
	/* what was made: */
	bool cookie_is_good; /* the first one is, and nothing was changed behind it */
	size_t len;
	uint8_t query[ASKING_MAX];
};

uint8_t asking_take(struct asking *a);
void asking_make(struct asking *a);

#endif
