/* SPDX-License-Identifier: MIT */
#include "model/dns_text.h"

#include <string.h>

#include "base/mem.h"

static bool is_name_char(char c)
{
	return c > ' ' && c <= '~' && c != '\\';
}

static bool is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool is_labels(const char *s, size_t len, bool (*is_char)(char))
{
	size_t label = 0;

	if (len > 0 && s[len - 1] == '.')
		len--;
	if (len == 0 || len > DNS_TEXT_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (!is_char(s[i]) || ++label > DNS_TEXT_LABEL_MAX) {
			return false;
		}
	}
	return label > 0;
}

bool dns_text_is_name(const char *s, size_t len)
{
	return is_labels(s, len, is_name_char);
}

bool dns_text_is_host(const char *s, size_t len)
{
	return is_labels(s, len, is_host_char);
}

void dns_text_lower(char *s)
{
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
}

char *dns_text_fold(const char *name)
{
	size_t len = strlen(name);
	char *out;

	if (len > 0 && name[len - 1] == '.')
		len--;
	out = xstrndup(name, len);
	dns_text_lower(out);
	return out;
}
