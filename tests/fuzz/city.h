/* SPDX-License-Identifier: MIT */
/* city.h -- a town with 300 services more, and a namespace whose records come from a zone file. */
#ifndef TESTS_FUZZ_CITY_H
#define TESTS_FUZZ_CITY_H

#include <stddef.h>

#include "town.h"

#define CITY_FILE "f" /* the namespace of the zone file */

enum { CITY_SERVICES = 300 };

/* To be filled once; published. Answers have up to 8 records, and their head stays the head. */
void city_init(struct town *t);
/* Names that it has, and some that it has not, in plain text. n is where the number of them goes. */
const char *const *city_names(size_t *n);

#endif
