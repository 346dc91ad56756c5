/* SPDX-License-Identifier: MIT */
#include "wire/dname.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "octets.h"
#include "rng.h"
#include "test.h"

/* n times c, in memory of one test. */
static const char *times(char c, size_t n)
{
	static char text[8][1100];
	static unsigned int next;
	char *t = text[next++ % CMAP_COUNT(text)];

	memset(t, c, n);
	t[n] = '\0';
	return t;
}

/* Labels of those lengths, 0 ending the list; in one buffer. */
static const char *labels(const size_t *len)
{
	static char text[1100];
	size_t at = 0;

	for (; *len > 0; len++) {
		memset(text + at, 'a', *len);
		at += *len;
		text[at++] = '.';
	}
	text[at - 1] = '\0';
	return text;
}

static struct dname dname(const char *text)
{
	struct dname d;

	cr_assert_eq(dname_from_plain(text, &d), CMAP_OK, "'%s'", text);
	return d;
}

static void check_wire(const char *text, const struct dname *d, const char *expected)
{
	uint8_t wire[300];
	size_t len = octets(expected, wire, sizeof(wire));

	cr_assert_eq(d->len, len, "'%s': %s", text, octets_text(d->wire, d->len));
	cr_assert_arr_eq(d->wire, wire, len, "'%s': %s", text,
		octets_text(d->wire, d->len));
}

Test(dname, reads_plain_text)
{
	static const struct {
		const char *text, *wire;
	} cases[] = {
		{".", "00"},
		{"a", "01 'a' 00"},
		{"a.", "01 'a' 00"},
		{"web.corp.Internal", "03 'web' 04 'corp' 08 'Internal' 00"},
		{"i-1.web.", "03 'i-1' 03 'web' 00"},
		{"a\\.b", "02 'a\\' 01 'b' 00"},
		{"\\065", "04 '\\065' 00"},
		{"a b", "03 'a b' 00"},
		{"\xff\x01", "02 ff01 00"},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct dname d = dname(cases[i].text);

		check_wire(cases[i].text, &d, cases[i].wire);
	}
}

Test(dname, reads_presentation_format)
{
	static const struct {
		const char *text, *wire;
	} cases[] = {
		{".", "00"},
		{"a\\.b.c.", "03 'a.b' 01 'c' 00"},
		{"\\065\\066", "02 'AB' 00"},
		{"\\000\\255", "02 00ff 00"},
		{"\\\\", "01 '\\' 00"},
		{"\\a", "01 'a' 00"},
		{"\\..", "01 '.' 00"},
		{"\\046", "01 '.' 00"},
		{"a\\0323", "03 'a 3' 00"},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct dname d;

		cr_assert_eq(dname_from_text(cases[i].text, &d), CMAP_OK, "'%s'",
			cases[i].text);
		check_wire(cases[i].text, &d, cases[i].wire);
	}
}

Test(dname, refuses_what_is_no_name)
{
	static const char *const both[] = {
		"", "..", ".a", "a..", "a..b", "..a", "a...", ". "};
	static const char *const escaped[] = {"\\", "a\\", "\\0", "\\00", "\\00a",
		"\\256", "\\999", "a.\\", "\\1.2", "\\12"};
	struct dname d = {.len = 7};

	for (size_t i = 0; i < CMAP_COUNT(both); i++) {
		cr_assert_eq(dname_from_plain(both[i], &d), CMAP_E_INVALID, "'%s'",
			both[i]);
		cr_assert_eq(dname_from_text(both[i], &d), CMAP_E_INVALID, "'%s'",
			both[i]);
	}
	for (size_t i = 0; i < CMAP_COUNT(escaped); i++)
		cr_assert_eq(dname_from_text(escaped[i], &d), CMAP_E_INVALID, "'%s'",
			escaped[i]);
	cr_assert_eq(d.len, 7, "the result of a failure was written");
}

Test(dname, limits_labels_to_63_octets)
{
	struct dname d = dname(times('a', 63));
	char text[1200];

	cr_assert_eq(d.len, 65);
	cr_assert_eq(d.wire[0], 63);
	cr_assert_eq(dname_from_plain(times('a', 64), &d), CMAP_E_RANGE);
	cr_assert_eq(dname_from_plain(times('a', 1000), &d), CMAP_E_RANGE);
	snprintf(text, sizeof(text), "b.%s.c", times('a', 64));
	cr_assert_eq(dname_from_plain(text, &d), CMAP_E_RANGE);
	/* An escape is one octet. */
	snprintf(text, sizeof(text), "\\097%s", times('a', 62));
	cr_assert_eq(dname_from_text(text, &d), CMAP_OK);
	cr_assert_eq(d.len, 65);
	snprintf(text, sizeof(text), "\\097%s", times('a', 63));
	cr_assert_eq(dname_from_text(text, &d), CMAP_E_RANGE);
	cr_assert_eq(dname_from_plain(text + 1, &d), CMAP_E_RANGE);
}

Test(dname, limits_names_to_255_octets)
{
	static const size_t longest[] = {63, 63, 63, 61, 0};
	static const size_t over[] = {63, 63, 63, 62, 0};
	static const size_t far_over[] = {63, 63, 63, 63, 63, 0};
	struct dname d = dname(labels(longest));
	char text[1200];

	cr_assert_eq(d.len, 255);
	cr_assert_eq(d.wire[254], 0);
	cr_assert_eq(dname_wire_len(d.wire, 255), 255);
	snprintf(text, sizeof(text), "%s.", labels(longest));
	cr_assert_eq(dname_from_plain(text, &d), CMAP_OK, "with the dot at the end");
	snprintf(text, sizeof(text), "%s.a", labels(longest));
	cr_assert_eq(dname_from_plain(text, &d), CMAP_E_RANGE);
	snprintf(text, sizeof(text), "%s..", labels(longest));
	cr_assert_eq(dname_from_plain(text, &d), CMAP_E_INVALID);
	cr_assert_eq(dname_from_plain(labels(over), &d), CMAP_E_RANGE);
	cr_assert_eq(dname_from_plain(labels(far_over), &d), CMAP_E_RANGE);
}

Test(dname, takes_127_labels)
{
	size_t ones[130];
	struct dname d;

	for (size_t n = 126; n <= 129; n++) {
		for (size_t i = 0; i < n; i++)
			ones[i] = 1;
		ones[n] = 0;
		cr_assert_eq(dname_from_plain(labels(ones), &d),
			n <= 127 ? CMAP_OK : CMAP_E_RANGE, "%zu labels", n);
		if (n <= 127)
			cr_assert_eq(d.len, 2 * n + 1);
	}
}

Test(dname, writes_presentation_format)
{
	static const struct {
		const char *wire, *text;
	} cases[] = {
		{"00", "."},
		{"@web.corp.internal", "web.corp.internal."},
		{"@_http._tcp.A-Z", "_http._tcp.A-Z."},
		{"03 'a.b' 01 '\\' 00", "a\\.b.\\\\."},
		{"05 00 20 7f 80 ff 00", "\\000\\032\\127\\128\\255."},
		{"06 '\"$();@' 00", "\\\"\\$\\(\\)\\;\\@."},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		uint8_t wire[300];
		char text[DNAME_TEXT];

		octets(cases[i].wire, wire, sizeof(wire));
		dname_to_text(wire, text);
		cr_assert_str_eq(text, cases[i].text, "%s", text);
	}
}

Test(dname, has_room_for_the_longest_text)
{
	uint8_t wire[300];
	char *text = malloc(DNAME_TEXT); /* so that a sanitizer sees its end */
	struct dname d;

	octets("{3 3f {63 00}} 3d {61 00} 00", wire, sizeof(wire));
	dname_to_text(wire, text);
	cr_assert_eq(strlen(text), 4 * 250 + 4);
	cr_assert_eq(dname_from_text(text, &d), CMAP_OK);
	cr_assert_arr_eq(d.wire, wire, 255);
	free(text);
}

/* A random name of up to 255 octets, its octets from 0 to 255. */
static size_t random_name(struct rng *r, uint8_t *wire)
{
	uint32_t limit = 1 + rng_below(r, DNAME_MAX);
	uint32_t longest = 1 + rng_below(r, DNAME_LABEL_MAX);
	size_t len = 0;

	for (;;) {
		uint32_t label = 1 + rng_below(r, longest);

		if (len + 1 + label + 1 > limit)
			break;
		wire[len++] = (uint8_t)label;
		while (label-- > 0)
			wire[len++] = (uint8_t)rng_next(r);
	}
	wire[len++] = 0;
	return len;
}

Test(dname, any_octets_survive_text)
{
	struct rng r = {20};

	for (int i = 0; i < 20000; i++) {
		uint8_t wire[DNAME_MAX];
		size_t len = random_name(&r, wire);
		char text[DNAME_TEXT];
		struct dname d;

		dname_to_text(wire, text);
		cr_assert_eq(dname_from_text(text, &d), CMAP_OK, "%s", text);
		cr_assert_eq(d.len, len, "%s", text);
		cr_assert_arr_eq(d.wire, wire, len, "%s", text);
		cr_assert_eq(dname_wire_len(wire, len), len, "%s", text);
		cr_assert_eq(dname_wire_len(wire, len - 1), 0, "%s", text);
	}
}

Test(dname, finds_the_end_of_a_name)
{
	static const struct {
		const char *wire;
		size_t room, len;
	} cases[] = {
		{"00", 1, 1},
		{"00 01 'a' 00", 4, 1},
		{"01 'a' 00", 3, 3},
		{"01 'a' 00", 2, 0},
		{"01 'a' 00", 1, 0},
		{"01 'a' 00", 0, 0},
		{"02 'a' 00", 3, 0},
		{"3f {63 'a'} 00", 65, 65},
		{"40 {64 'a'} 00", 66, 0}, /* label types that are not in use */
		{"80 00", 2, 0},
		{"c0 00", 2, 0}, /* pointers */
		{"01 'a' c000", 4, 0},
		{"01 'a' c0", 3, 0},
		{"ff 00", 2, 0},
		{"{127 01 'a'} 00", 255, 255},
		{"{127 01 'a'} 00", 300, 255},
		{"{128 01 'a'} 00", 300, 0},
		{"{3 3f {63 'a'}} 3d {61 'a'} 00", 300, 255},
		{"{3 3f {63 'a'}} 3e {62 'a'} 00", 300, 0},
		{"{4 3f {63 'a'}} 00", 300, 0},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		uint8_t wire[300] = {0};

		octets(cases[i].wire, wire, sizeof(wire));
		cr_assert_eq(dname_wire_len(wire, cases[i].room), cases[i].len, "%s",
			cases[i].wire);
	}
}

Test(dname, does_not_read_beyond_the_room)
{
	for (size_t room = 1; room <= 66; room++) {
		uint8_t *wire = malloc(room);

		memset(wire, 1, room);
		cr_assert_eq(dname_wire_len(wire, room), 0, "%zu", room);
		wire[0] = 63;
		cr_assert_eq(dname_wire_len(wire, room), 0, "%zu", room);
		free(wire);
	}
}

Test(dname, lowers_letters_only)
{
	uint8_t all[256], lower[256];

	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	dname_lower(all, sizeof(all), lower);
	for (int i = 0; i < 256; i++)
		cr_assert_eq(lower[i], i >= 'A' && i <= 'Z' ? i + 32 : i, "%d: %d", i,
			lower[i]);
	dname_lower(all, sizeof(all), all);
	cr_assert_arr_eq(all, lower, sizeof(all), "in place");
}

Test(dname, lowers_any_length_and_nothing_behind_it)
{
	struct rng r = {23};

	for (int i = 0; i < 20000; i++) {
		size_t len = rng_below(&r, 40);
		uint8_t *in = malloc(len + 1), *out = malloc(len > 0 ? len : 1);

		for (size_t j = 0; j < len; j++)
			in[j] = rng_below(&r, 2) ? (uint8_t)rng_next(&r)
						 : (uint8_t)('@' + rng_below(&r, 64));
		in[len] = 'Q';
		dname_lower(in, len, out);
		for (size_t j = 0; j < len; j++)
			cr_assert_eq(out[j],
				in[j] >= 'A' && in[j] <= 'Z' ? in[j] + 32 : in[j]);
		dname_lower(in, len, in);
		cr_assert_arr_eq(in, out, len);
		cr_assert_eq(in[len], 'Q');
		free(in);
		free(out);
	}
}

Test(dname, compares_without_case)
{
	struct dname a = dname("Web.CORP.internal"), b = dname("wEB.corp.INTERNAL.");
	struct dname c = dname("web.corp.internam"), d = dname("web.corp");
	struct dname at = dname("a@b"), backtick = dname("a`b");
	struct dname bracket = dname("a[b"), brace = dname("a{b");

	cr_assert(dname_equal(&a, &b));
	cr_assert(dname_equal(&a, &a));
	cr_assert_not(dname_equal(&a, &c));
	cr_assert_not(dname_equal(&a, &d));
	/* The neighbours of A-Z are no letters. */
	cr_assert_not(dname_equal(&at, &backtick));
	cr_assert_not(dname_equal(&bracket, &brace));
}

Test(dname, knows_what_is_within)
{
	static const struct {
		const char *name, *apex;
		bool within;
	} cases[] = {
		{"corp.internal", "corp.internal", true},
		{"web.corp.internal", "corp.internal", true},
		{"a.b.WEB.Corp.internal", "corp.INTERNAL", true},
		{"webcorp.internal", "corp.internal", false},
		{"xcorp.internal", "corp.internal", false},
		{"internal", "corp.internal", false},
		{"corp.internal.web", "corp.internal", false},
		{"web.corp.external", "corp.internal", false},
		{"web", ".", true},
		{".", ".", true},
		{".", "web", false},
	};
	uint8_t fake[] = "\012xxxx\003web\001a";
	struct dname inside, apex = dname("web.a");

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct dname name = dname(cases[i].name);
		struct dname above = dname(cases[i].apex);

		cr_assert_eq(dname_is_within(&name, &above), cases[i].within,
			"%s in %s", cases[i].name, cases[i].apex);
	}
	/* The octets of the apex at the end, but inside a label. */
	inside.len = sizeof(fake);
	memcpy(inside.wire, fake, sizeof(fake));
	cr_assert_not(dname_is_within(&inside, &apex));
}

Test(dname, goes_up_to_the_root)
{
	static const char *const above[] = {"corp.internal", "internal", ".", "."};
	struct dname d = dname("Web.corp.internal");

	for (size_t i = 0; i < CMAP_COUNT(above); i++) {
		struct dname expected = dname(above[i]);

		dname_parent(&d);
		cr_assert(dname_equal(&d, &expected), "%s", above[i]);
	}
}

Test(dname, agrees_with_itself_on_random_names)
{
	struct rng r = {21};

	for (int i = 0; i < 20000; i++) {
		struct dname a, b;

		a.len = (uint8_t)random_name(&r, a.wire);
		b = a;
		for (size_t at = 0; b.wire[at] != 0; at += 1u + b.wire[at])
			for (size_t j = 1; j <= b.wire[at]; j++)
				if ((b.wire[at + j] | 0x20) >= 'a' &&
					(b.wire[at + j] | 0x20) <= 'z' &&
					rng_below(&r, 2))
					b.wire[at + j] ^= 0x20;
		cr_assert(dname_equal(&a, &b), "%s", octets_text(a.wire, a.len));
		while (b.len > 1) {
			cr_assert(dname_is_within(&a, &b), "%s",
				octets_text(a.wire, a.len));
			cr_assert_eq(dname_is_within(&b, &a), a.len == b.len);
			dname_parent(&b);
		}
		cr_assert(dname_is_within(&a, &b), "the root is above all");
	}
}
