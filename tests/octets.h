/* SPDX-License-Identifier: MIT */
/*
 * octets.h -- packets written by hand.
 *
 *	"1234 0100"     hex digits
 *	"'abc'"         characters
 *	"@web.local"    a domain name, uncompressed; what stands between its dots is taken as it is
 *	"{63 'a'}"      the same 63 times
 *
 * Spaces may stand between them; a name ends with a space, a brace or the text.
 */
#ifndef TESTS_OCTETS_H
#define TESTS_OCTETS_H

#include <stddef.h>
#include <stdint.h>

/* Writes the octets that text stands for and returns their number. Ends the program if text is no such
 * text, or room is too small. */
size_t octets(const char *text, uint8_t *out, size_t room);
/* Hex digits in groups of two octets, for messages; in a buffer that the next call uses again. */
const char *octets_text(const uint8_t *p, size_t len);

#endif
