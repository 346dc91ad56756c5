/* SPDX-License-Identifier: MIT */
#include "zone/export.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"
#include "test.h"
#include "world.h"

static void take(void *arg, const char *name, const char *type, uint32_t ttl,
	const char *data)
{
	buf_printf(arg, "%s %u %s %s\n", name, (unsigned int)ttl, type, data);
}

/* One page behind cursor, added to out; the cursor for the next, to be freed. */
static char *page(const struct world *w, const char *apex, const char *cursor,
	struct buf *out)
{
	struct export_reader reader = {.now_ms = w->now_ms, .take = take, .arg = out};
	struct buf next = {.data = NULL};

	cr_assert_eq(zone_export(w->zone, model_namespace_by_dns(&w->model, apex),
			     cursor, &reader, &next),
		CMAP_OK, "%s", cursor);
	return buf_take(&next);
}

static char *export(const struct world *w, const char *apex)
{
	struct buf out = {.data = NULL};
	char *cursor = xstrdup("");

	do {
		char *next = page(w, apex, cursor, &out);

		free(cursor);
		cursor = next;
	} while (cursor[0] != '\0');
	free(cursor);
	return buf_take(&out);
}

static void check(const struct world *w, const char *apex, const char *expected)
{
	char *got = export(w, apex);

	cr_expect_str_eq(got, expected);
	free(got);
}

static void set_static(struct world *w, const char *apex, const char *text)
{
	struct dname name;
	struct static_zone *s = NULL;
	struct buf why = {.data = NULL};

	cr_assert_eq(dname_from_plain(apex, &name), CMAP_OK);
	cr_assert_eq(static_read_text("f", text, strlen(text), &name, &s, &why),
		CMAP_OK, "%s", buf_text(&why));
	zone_set_static(w->zone, model_namespace_by_dns(&w->model, apex), s);
}

#define APEX(name, serial)                                                             \
	name " 5 SOA ns.test. hostmaster." name " " serial                             \
	     " 7200 900 1209600 5\n" name " 3600 NS ns.test.\n"

Test(zone_export, all_that_is_published_and_nothing_of_other_zones)
{
	struct world w;

	world_init(&w);
	world_namespace(&w, "corp", -1);
	world_namespace(&w, "prod.corp", -1);
	world_namespace(&w, "xcorp", -1);
	world_service(&w, "web.corp", "A=60 AAAA=30 SRV=20");
	world_instance(&w, "web.corp", "i-1", "4=10.0.0.1 6=fd00::1 port=80", 0);
	world_instance(&w, "web.corp", "i:2", "4=10.0.0.1 6=fd00::1 port=81", 0);
	world_service(&w, "web.prod.corp", "A=60");
	world_instance(&w, "web.prod.corp", "i-1", "4=10.0.0.9", 0);
	world_service(&w, "empty.corp", "A=60");
	world_publish(&w);
	check(&w, "corp",
		APEX("corp.", "1") "web.corp. 60 A 10.0.0.1\n"
				   "web.corp. 30 AAAA fd00::1\n"
				   "web.corp. 20 SRV 1 1 80 i-1.web.corp.\n"
				   "web.corp. 20 SRV 1 1 81 i:2.web.corp.\n"
				   "i-1.web.corp. 20 A 10.0.0.1\n"
				   "i-1.web.corp. 20 AAAA fd00::1\n"
				   "i:2.web.corp. 20 A 10.0.0.1\n"
				   "i:2.web.corp. 20 AAAA fd00::1\n");
	check(&w, "Prod.Corp",
		APEX("prod.corp.", "1") "web.prod.corp. 60 A "
					"10.0.0.9\n");
	check(&w, "xcorp", APEX("xcorp.", "1"));
	world_free(&w);
}

Test(zone_export, leases_that_have_ended_and_aliases_that_take_turns)
{
	struct world w;

	world_init(&w);
	world_namespace(&w, "t", -1);
	world_service(&w, "a.t", "A=60");
	world_instance(&w, "a.t", "1", "4=10.0.0.1", 1000);
	world_instance(&w, "a.t", "2", "4=10.0.0.2", 20500);
	world_instance(&w, "a.t", "3", "4=10.0.0.3", 0);
	world_service(&w, "c.t", "CNAME=60 WEIGHTED");
	world_instance(&w, "c.t", "1", "cname=gone.t", 1000);
	world_instance(&w, "c.t", "2", "cname=b.t", 0);
	world_instance(&w, "c.t", "3", "cname=d.t", 0);
	world_publish(&w);
	w.now_ms += 1000;
	check(&w, "t",
		APEX("t.", "1") "a.t. 19 A 10.0.0.2\na.t. 19 A 10.0.0.3\n"
				"c.t. 60 CNAME b.t.\n");
	world_free(&w);
}

Test(zone_export, static_records_with_glue_and_without_what_is_hidden)
{
	struct world w;

	world_init(&w);
	world_namespace(&w, "t", -1);
	set_static(&w, "t",
		"$TTL 60\n@ SOA m r 77 1 2 3 4\n@ NS ns1\n@ MX 1 m\nsub NS ns.sub\n"
		"sub DS 1 8 2 A0\nsub TXT x\nns.sub A 192.0.2.1\nns.sub TXT x\n"
		"self NS self\nself AAAA fd00::1\nweb A 192.0.2.2\nweb TXT y\n"
		"* LOC \\# 16 000016138B3CF018810CBCE0009895B8\n");
	world_service(&w, "web.t", "A=5");
	world_instance(&w, "web.t", "1", "4=10.0.0.1", 0);
	world_publish(&w);
	check(&w, "t",
		"t. 60 SOA m.t. r.t. 1 1 2 3 4\n"
		"t. 60 NS ns1.t.\n"
		"t. 60 MX 1 m.t.\n"
		"sub.t. 60 NS ns.sub.t.\n"
		"sub.t. 60 DS 1 8 2 A0\n"
		"ns.sub.t. 60 A 192.0.2.1\n"
		"self.t. 60 NS self.t.\n"
		"self.t. 60 AAAA fd00::1\n"
		"web.t. 5 A 10.0.0.1\n"
		"web.t. 60 TXT \"y\"\n"
		"*.t. 60 TYPE29 \\# 16 000016138B3CF018810CBCE0009895B8\n");
	world_free(&w);
}

/* n services s-0.t ... with one address each. */
static void fill(struct world *w, int n)
{
	world_namespace(w, "t", -1);
	for (int i = 0; i < n; i++) {
		char name[32], address[32];

		snprintf(name, sizeof(name), "s-%d.t", i);
		snprintf(address, sizeof(address), "4=10.0.%d.%d", i / 256, i % 256);
		world_service(w, name, "A=60");
		world_instance(w, name, "1", address, 0);
	}
	world_publish(w);
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

Test(zone_export, pages_hold_every_name_once)
{
	struct world w;
	struct buf first = {.data = NULL};
	char *all, *cursor;

	world_init(&w);
	fill(&w, 2 * EXPORT_PAGE_NAMES + 7);
	all = export(&w, "t");
	cr_assert_eq(count_lines(all), 2 + 2 * EXPORT_PAGE_NAMES + 7);
	for (int i = 0; i < 2 * EXPORT_PAGE_NAMES + 7; i++) {
		char line[64];
		const char *found;

		snprintf(line, sizeof(line), "\ns-%d.t. 60 A 10.0.%d.%d\n", i, i / 256,
			i % 256);
		found = strstr(all, line);
		cr_assert(found != NULL && strstr(found + 1, line) == NULL, "%s", line);
	}
	free(all);
	cursor = page(&w, "t", "", &first);
	cr_assert_eq(count_lines(buf_text(&first)), 2 + EXPORT_PAGE_NAMES);
	cr_assert_str_neq(cursor, "");
	free(cursor);
	buf_free(&first);
	world_free(&w);
}

Test(zone_export, names_that_stay_are_not_lost_when_others_go)
{
	struct world w;
	struct buf out = {.data = NULL};
	char *cursor, *rest, name[32];

	world_init(&w);
	fill(&w, EXPORT_PAGE_NAMES + 100);
	cursor = page(&w, "t", "", &out);
	/* The last one given, one before it, and the next go; one comes. */
	for (int i = EXPORT_PAGE_NAMES - 2; i <= EXPORT_PAGE_NAMES; i++) {
		snprintf(name, sizeof(name), "s-%d.t", i);
		world_remove_instance(&w, name, "1");
		world_remove_service(&w, name);
	}
	world_service(&w, "new.t", "A=60");
	world_instance(&w, "new.t", "1", "4=10.9.9.9", 0);
	world_publish(&w);
	buf_free(&out);
	rest = page(&w, "t", cursor, &out);
	cr_assert_str_eq(rest, "");
	cr_assert_eq(count_lines(buf_text(&out)), 99 + 1);
	snprintf(name, sizeof(name), "s-%d.t. ", EXPORT_PAGE_NAMES + 1);
	cr_assert_eq(strncmp(buf_text(&out), name, strlen(name)), 0);
	cr_assert(strstr(buf_text(&out), "new.t. ") != NULL);
	free(cursor);
	free(rest);
	buf_free(&out);
	world_free(&w);
}

Test(zone_export, a_page_may_end_behind_the_apex)
{
	struct world w;
	struct buf out = {.data = NULL}, text = {.data = NULL};
	char *cursor, *rest;

	world_init(&w);
	world_namespace(&w, "t", -1);
	buf_add_text(&text, "$TTL 60\n");
	for (int i = 0; i < 12; i++)
		buf_printf(&text, "@ TYPE%d \\# 30000 %060000d\n", 1000 + i, 0);
	buf_add_text(&text, "a A 192.0.2.1\n");
	set_static(&w, "t", buf_text(&text));
	world_publish(&w);
	cursor = page(&w, "t", "", &out);
	cr_assert_eq(count_lines(buf_text(&out)), 14);
	cr_assert_str_neq(cursor, "");
	buf_free(&out);
	rest = page(&w, "t", cursor, &out);
	cr_assert_str_eq(buf_text(&out), "a.t. 60 A 192.0.2.1\n");
	cr_assert_str_eq(rest, "");
	free(cursor);
	free(rest);
	buf_free(&out);
	buf_free(&text);
	world_free(&w);
}

Test(zone_export, other_zones_and_other_cursors_are_refused)
{
	static const char *const cursors[] = {"x", "-1/t.", "1", "1/", "1/..", "/t.",
		" 1/t.", "99999999999999999999/t.", "1/other.", "1/xt."};
	struct world w;
	struct buf out = {.data = NULL}, next = {.data = NULL};
	struct export_reader reader = {.take = take, .arg = &out};
	struct namespace http = {.type = NAMESPACE_HTTP, .name = (char[]){"t"}};
	const struct namespace *ns;

	world_init(&w);
	fill(&w, 3);
	ns = model_namespace_by_name(&w.model, "t");
	for (size_t i = 0; i < CMAP_COUNT(cursors); i++)
		cr_expect_eq(zone_export(w.zone, ns, cursors[i], &reader, &next),
			CMAP_E_INVALID, "%s", cursors[i]);
	cr_expect_eq(zone_export(w.zone, &http, "", &reader, &next), CMAP_E_NOT_FOUND);
	cr_expect_eq(out.len, 0);
	cr_expect_eq(next.len, 0);
	/* One of names long gone goes on behind them. */
	cr_expect_eq(zone_export(w.zone, ns, "3/gone.t.", &reader, &next), CMAP_OK);
	cr_expect_str_eq(buf_text(&out), "s-2.t. 60 A 10.0.0.2\n");
	buf_free(&out);
	world_free(&w);
}
