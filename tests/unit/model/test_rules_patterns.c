/* SPDX-License-Identifier: MIT */
/* The patterns of Cloud Map's service model, at their edges. */
#include <stdlib.h>

#include "make.h"
#include "model/rules.h"
#include "test.h"

typedef bool (*pattern)(const char *s, size_t len);

static bool is(pattern p, const char *s)
{
	return p(s, strlen(s));
}

/* Is it before, len times c, after? */
static bool is_around(pattern p, const char *before, char c, size_t len,
	const char *after)
{
	char *name = xasprintf("%s%s%s", before, make_run(c, len), after);
	bool ok = is(p, name);

	free(name);
	return ok;
}

/* Every octet alone, and behind an 'a'; allowed lists those that fit, of 0x00..0xFF. */
static void check_octets(pattern p, const char *what, bool first, bool (*fits)(int c))
{
	for (int c = 0; c < 256; c++) {
		char text[2] = {'a', (char)c};
		bool got = first ? p(text + 1, 1) : p(text, 2);

		cr_assert_eq(got, fits(c), "%s: octet 0x%02x", what, c);
	}
}

static bool is_graph(int c)
{
	return c >= 0x21 && c <= 0x7e;
}

static bool is_value_inside(int c)
{
	return is_graph(c) || c == ' ' || c == '\t';
}

static bool is_alnum(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

static bool is_id(int c)
{
	return is_alnum(c) || c == '_' || c == '/' || c == ':' || c == '.' ||
	       c == '@' || c == '-';
}

static bool is_service_first(int c)
{
	return is_alnum(c) || c == '.'; /* "." alone is the apex */
}

static bool is_service_last(int c)
{
	return is_alnum(c) || c == '_';
}

static void check_length(pattern p, const char *what, size_t max)
{
	cr_assert(p(make_run('a', 1), 1), "%s", what);
	cr_assert(p(make_run('a', max - 1), max - 1), "%s", what);
	cr_assert(p(make_run('a', max), max), "%s", what);
	cr_assert_not(p(make_run('a', max + 1), max + 1), "%s", what);
}

Test(rules_patterns, attribute_key)
{
	check_octets(rules_is_attribute_key, "first", true, is_graph);
	check_octets(rules_is_attribute_key, "inside", false, is_graph);
	check_length(rules_is_attribute_key, "key", 255);
	cr_assert_not(is(rules_is_attribute_key, ""));
	cr_assert(is(rules_is_attribute_key, "app.kubernetes.io/name"));
	cr_assert(is(rules_is_attribute_key, "k8s.io/pod"));
}

Test(rules_patterns, attribute_value)
{
	check_octets(rules_is_attribute_value, "first", true, is_graph);
	check_octets(rules_is_attribute_value, "inside", false, is_value_inside);
	check_length(rules_is_attribute_value, "value", 1024);
	cr_assert(is(rules_is_attribute_value, ""));
	cr_assert(is(rules_is_attribute_value, "trailing space "));
	cr_assert_not(is(rules_is_attribute_value, " leading space"));
	cr_assert_not(is(rules_is_attribute_value, "\tleading tab"));
}

Test(rules_patterns, instance_id)
{
	check_octets(rules_is_instance_id, "first", true, is_id);
	check_octets(rules_is_instance_id, "inside", false, is_id);
	check_length(rules_is_instance_id, "id", 64);
	cr_assert_not(is(rules_is_instance_id, ""));
	cr_assert(is(rules_is_instance_id, "16becc26-8558-4af1-9fbd-f81be062a266"));
	cr_assert(is(rules_is_instance_id, "fd00::1"));
}

Test(rules_patterns, namespace_names)
{
	static const pattern all[] = {rules_is_namespace_name,
		rules_is_namespace_name_http, rules_is_namespace_name_private};

	for (size_t i = 0; i < CMAP_COUNT(all); i++) {
		check_octets(all[i], "first", true, is_graph);
		check_octets(all[i], "inside", false, is_graph);
		check_length(all[i], "name", i < 2 ? 1024 : 253);
		cr_assert_not(is(all[i], ""));
		cr_assert(is(all[i], "n/a"));
		cr_assert(is(all[i], "arn"));
		cr_assert(is(all[i], "Arn:x"));
		cr_assert(is(all[i], "xarn:"));
		cr_assert_eq(is(all[i], "arn:"), i == 0);
		cr_assert_eq(is(all[i], "arn:aws:servicediscovery"), i == 0);
	}
}

Test(rules_patterns, namespace_name_public)
{
	static const char *const good[] = {"example.com", "a.b", "1.2", "EXAMPLE.Com",
		"a-b.c--d", "xn--bcher-kva.example"};
	static const char *const bad[] = {"", ".", "com", "example.com.", ".com",
		"a..b", "-a.com", "a-.com", "a.-b", "a.b-", "a_b.com", "a b.com",
		"*.com", "a.b/c"};
	char name[300];

	for (size_t i = 0; i < CMAP_COUNT(good); i++)
		cr_assert(is(rules_is_namespace_name_public, good[i]), "%s", good[i]);
	for (size_t i = 0; i < CMAP_COUNT(bad); i++)
		cr_assert_not(is(rules_is_namespace_name_public, bad[i]), "%s", bad[i]);
	for (size_t len = 62; len <= 64; len++) {
		cr_assert_eq(is_around(rules_is_namespace_name_public, "", 'a', len,
				     ".com"),
			len <= 63);
		cr_assert_eq(is_around(rules_is_namespace_name_public, "com.", 'a', len,
				     ""),
			len <= 63);
	}
	for (size_t len = 252; len <= 254; len++) {
		memset(name, 'a', len);
		for (size_t i = 60; i < len - 1; i += 61)
			name[i] = '.';
		cr_assert_eq(rules_is_namespace_name_public(name, len), len <= 253);
	}
	cr_assert_not(rules_is_namespace_name_public("a.b\0", 4));
	cr_assert_not(rules_is_namespace_name_public("a.b\n", 4));
}

Test(rules_patterns, service_name)
{
	static const char *const good[] = {".", "a", "1", "_a", "a_", "__", "api-1.5",
		"a.b", "_http._tcp", "A", "a--b", "_-_", "backend"};
	static const char *const bad[] = {"", "_", "-", "-a", "a-", "a.", ".a", "..",
		"a..b", "my service", "*", "a._", "_.a", "a/b", "a.-b", "a-.b", "a\n",
		"arn:x"};

	for (size_t i = 0; i < CMAP_COUNT(good); i++)
		cr_assert(is(rules_is_service_name, good[i]), "%s", good[i]);
	for (size_t i = 0; i < CMAP_COUNT(bad); i++)
		cr_assert_not(is(rules_is_service_name, bad[i]), "%s", bad[i]);
	check_octets(rules_is_service_name, "alone", true, is_service_first);
	check_octets(rules_is_service_name, "last", false, is_service_last);
}

Test(rules_patterns, service_name_lengths)
{
	char name[300];

	for (size_t len = 62; len <= 64; len++) {
		cr_assert_eq(is(rules_is_service_name, make_run('a', len)), len <= 63);
		cr_assert_eq(is_around(rules_is_service_name, "x.", '_', len, ""),
			len <= 63);
	}
	for (size_t len = 126; len <= 128; len++) {
		memset(name, 'a', len);
		name[42] = name[84] = '.';
		cr_assert_eq(rules_is_service_name(name, len), len <= 127, "%zu", len);
	}
}
