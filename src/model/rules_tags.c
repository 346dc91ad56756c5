/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "model/rules.h"

/*
 * Letters and digits of any script, spaces, and + - = . _ : / @ (Cloud Map developer guide). What is not ASCII
 * is taken for a letter: no table of scripts is worth telling apart what nobody mistakes.
 */
static bool is_tag_text(const char *s)
{
	for (; *s; s++) {
		bool is_alnum = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
				(*s >= '0' && *s <= '9') || (*s & 0x80) != 0;

		if (!is_alnum && !strchr(" +-=._:/@", *s))
			return false;
	}
	return true;
}

bool rules_check_tags(const struct attributes *tags, struct fault *f)
{
	const char *key, *value;
	uint32_t pos = 0;

	while (attributes_next(tags, &pos, &key, &value)) {
		if (strncasecmp(key, "aws:", 4) == 0) {
			fault_set(f, FAULT_INVALID_INPUT,
				"The Key of tag '%s' must not begin with 'aws:'.", key);
			return false;
		}
		if (!is_tag_text(key) || !is_tag_text(value)) {
			fault_set(f, FAULT_INVALID_INPUT,
				"Key and Value of tag '%s' must be made of letters, "
				"digits, spaces and + - = . _ : / @.",
				key);
			return false;
		}
	}
	return true;
}
