/* SPDX-License-Identifier: MIT */
/* The patterns of Cloud Map's service model, each said in C. */
#include <string.h>

#include "model/rules.h"

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* Printable and no space: [!-~]. */
static bool is_graph(char c)
{
	return c >= '!' && c <= '~';
}

static bool all_graph(const char *s, size_t len, size_t max)
{
	if (len == 0 || len > max)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_graph(s[i]))
			return false;
	return true;
}

/* ^[a-zA-Z0-9!-~]+$ */
bool rules_is_attribute_key(const char *s, size_t len)
{
	return all_graph(s, len, RULES_ATTRIBUTE_KEY_MAX);
}

/* ^([a-zA-Z0-9!-~][ \ta-zA-Z0-9!-~]*){0,1}[a-zA-Z0-9!-~]{0,1}$ */
bool rules_is_attribute_value(const char *s, size_t len)
{
	if (len == 0)
		return true;
	if (len > RULES_ATTRIBUTE_VALUE_MAX || !is_graph(s[0]))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!is_graph(s[i]) && s[i] != ' ' && s[i] != '\t')
			return false;
	return true;
}

/* ^[0-9a-zA-Z_/:.@-]+$ */
bool rules_is_instance_id(const char *s, size_t len)
{
	if (len == 0 || len > RULES_INSTANCE_ID_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_alnum(s[i]) && (s[i] == '\0' || !strchr("_/:.@-", s[i])))
			return false;
	return true;
}

/* ^[!-~]{1,1024}$ */
bool rules_is_namespace_name(const char *s, size_t len)
{
	return all_graph(s, len, 1024);
}

static bool starts_like_arn(const char *s, size_t len)
{
	return len >= 4 && memcmp(s, "arn:", 4) == 0;
}

/* ^(?!arn:)[!-~]{1,1024}$ */
bool rules_is_namespace_name_http(const char *s, size_t len)
{
	return all_graph(s, len, 1024) && !starts_like_arn(s, len);
}

/* ^(?!arn:)[!-~]{1,253}$ */
bool rules_is_namespace_name_private(const char *s, size_t len)
{
	return all_graph(s, len, 253) && !starts_like_arn(s, len);
}

/* Cuts s at its dots: true if each part is a label and there are at least min of them. */
static bool all_labels(const char *s, size_t len, size_t min,
	bool (*is_label)(const char *, size_t))
{
	const char *end = s + len, *dot;
	size_t n = 0;

	for (;;) {
		dot = memchr(s, '.', (size_t)(end - s));
		if (!is_label(s, (size_t)((dot ? dot : end) - s)))
			return false;
		n++;
		if (!dot)
			return n >= min;
		s = dot + 1;
	}
}

/* [a-zA-Z0-9]([a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])? */
static bool is_public_label(const char *s, size_t len)
{
	if (len == 0 || len > 63 || !is_alnum(s[0]) || !is_alnum(s[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_alnum(s[i]) && s[i] != '-')
			return false;
	return true;
}

/* ^(<public label>\.)+<public label>$ */
bool rules_is_namespace_name_public(const char *s, size_t len)
{
	return len > 0 && len <= 253 && all_labels(s, len, 2, is_public_label);
}

/* [a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9] */
static bool is_service_label(const char *s, size_t len)
{
	if (len == 0 || len > 63 || s[0] == '-' || s[len - 1] == '-')
		return false;
	if (len == 1)
		return is_alnum(s[0]);
	for (size_t i = 0; i < len; i++)
		if (!is_alnum(s[i]) && s[i] != '-' && s[i] != '_')
			return false;
	return true;
}

/* ((?=^.{1,127}$)^(<service label>)(\.(<service label>))*$)|(^\.$) */
bool rules_is_service_name(const char *s, size_t len)
{
	if (len == 1 && s[0] == '.')
		return true;
	return len > 0 && len <= 127 && all_labels(s, len, 1, is_service_label);
}
