/* SPDX-License-Identifier: MIT */
/* Who sees which entry, and what those outside find. */
#include <string.h>

#include "ask.h"
#include "test.h"
#include "wire/dns.h"

#define WEB    "web.test"
#define INSIDE ((uint16_t)1)
#define OTHER  ((uint16_t)2)

/* "test" is seen by all, "one" by the first view alone, others by all but those outside. */
static uint16_t views(void *arg, const struct namespace *ns)
{
	(void)arg;
	if (strcmp(ns->dns_key, "test") == 0)
		return VIEWS_ALL;
	return strcmp(ns->dns_key, "one") == 0 ? INSIDE : (uint16_t)~VIEW_OUTSIDE;
}

static void start(struct fixture *f, const char *records)
{
	fixture_start(f, WEB, records);
	f->world.options.views = views;
	zone_set_options(f->world.zone, &f->world.options);
	world_publish(&f->world);
}

static const struct entry *find(struct fixture *f, const char *name, uint16_t view)
{
	struct dname d;

	cr_assert_eq(dname_from_plain(name, &d), 0);
	return published_find_view(f->world.published, d.wire, d.len, view);
}

static const char *ask_from(struct fixture *f, uint16_t view, const char *name,
	uint16_t type)
{
	const struct entry *e = find(f, name, view);

	return e == NULL ? "none" : ask_entry(&f->asker, e, type);
}

static void add(struct fixture *f, const char *id, const char *attributes)
{
	world_instance(&f->world, WEB, id, attributes, 0);
	world_publish(&f->world);
}

Test(views, a_namespace_is_seen_by_its_views_alone)
{
	struct fixture f;
	struct dname below;

	start(&f, "A=60");
	world_namespace(&f.world, "one", -1);
	world_namespace(&f.world, "most", -1);
	world_service(&f.world, "a.one", "A=60");
	world_instance(&f.world, "a.one", "i", "4=10.0.0.1", 0);
	world_publish(&f.world);
	cr_assert_str_eq(ask_from(&f, INSIDE, "a.one", DNS_A), "A 60 10.0.0.1");
	cr_assert_str_eq(ask_from(&f, OTHER, "a.one", DNS_A), "none");
	cr_assert_null(find(&f, "one", OTHER));
	cr_assert_null(find(&f, "one", VIEW_OUTSIDE));
	cr_assert_not_null(find(&f, "most", OTHER));
	cr_assert_null(find(&f, "most", VIEW_OUTSIDE));
	cr_assert_not_null(find(&f, "test", VIEW_OUTSIDE));
	cr_assert_eq(dname_from_plain("x.y.one", &below), 0);
	cr_assert_not_null(published_above_view(f.world.published, below.wire,
		below.len, INSIDE));
	cr_assert_null(published_above_view(f.world.published, below.wire, below.len,
		OTHER));
	fixture_end(&f);
}

Test(views, those_outside_find_public_addresses)
{
	struct fixture f;

	start(&f, "A=60 AAAA=60");
	add(&f, "a", "4=10.0.0.1 6=fd00::1 public4=192.0.2.1");
	cr_assert_str_eq(ask_from(&f, INSIDE, WEB, DNS_A), "A 60 10.0.0.1");
	cr_assert_str_eq(ask_from(&f, INSIDE, WEB, DNS_AAAA), "AAAA 60 fd00::1");
	cr_assert_str_eq(ask_from(&f, VIEW_OUTSIDE, WEB, DNS_A), "A 60 192.0.2.1");
	cr_assert_str_eq(ask_from(&f, VIEW_OUTSIDE, WEB, DNS_AAAA), "nodata",
		"who has a public address has no other");
	add(&f, "b", "4=10.0.0.2");
	cr_assert_str_eq(ask_from(&f, VIEW_OUTSIDE, WEB, DNS_A),
		"A 60 192.0.2.1 10.0.0.2");
	add(&f, "a", "4=10.0.0.1");
	cr_assert_str_eq(ask_from(&f, VIEW_OUTSIDE, WEB, DNS_A),
		"A 60 10.0.0.2 10.0.0.1");
	cr_assert_eq(find(&f, WEB, VIEW_OUTSIDE), find(&f, WEB, INSIDE),
		"one entry is enough again");
	fixture_end(&f);
}

Test(views, SRV_records_lead_those_outside_to_public_addresses)
{
	struct fixture f;

	start(&f, "SRV=30");
	add(&f, "a", "4=10.0.0.1 port=80 public4=192.0.2.1");
	cr_assert_str_eq(ask_from(&f, INSIDE, WEB, DNS_SRV),
		"SRV 30 1:80:a.web.test. + A 30 10.0.0.1");
	cr_assert_str_eq(ask_from(&f, VIEW_OUTSIDE, WEB, DNS_SRV),
		"SRV 30 1:80:a.web.test. + A 30 192.0.2.1");
	cr_assert_str_eq(ask_from(&f, INSIDE, "a.web.test", DNS_A), "A 30 10.0.0.1");
	cr_assert_str_eq(ask_from(&f, VIEW_OUTSIDE, "a.web.test", DNS_A),
		"A 30 192.0.2.1");
	world_remove_instance(&f.world, WEB, "a");
	world_publish(&f.world);
	cr_assert_str_eq(ask_from(&f, VIEW_OUTSIDE, "a.web.test", DNS_A), "none");
	cr_assert_str_eq(ask_from(&f, VIEW_OUTSIDE, WEB, DNS_SRV), "nodata");
	fixture_end(&f);
}

Test(views, an_expired_instance_is_not_given_outside_either)
{
	struct fixture f;

	start(&f, "A=60");
	world_instance(&f.world, WEB, "a", "4=10.0.0.1 public4=192.0.2.1", 30000);
	world_instance(&f.world, WEB, "b", "4=10.0.0.2 public4=192.0.2.2", 60000);
	world_publish(&f.world);
	f.world.now_ms += 31000;
	cr_assert_str_eq(ask_from(&f, VIEW_OUTSIDE, WEB, DNS_A), "A 29 192.0.2.2");
	cr_assert_str_eq(ask_from(&f, INSIDE, WEB, DNS_A), "A 29 10.0.0.2");
	fixture_end(&f);
}

Test(views, two_instances_behind_one_public_address)
{
	struct fixture f;

	start(&f, "A=60");
	world_instance(&f.world, WEB, "a", "4=10.0.0.1 public4=192.0.2.1", 30000);
	world_instance(&f.world, WEB, "b", "4=10.0.0.1 public4=192.0.2.1", 60000);
	world_publish(&f.world);
	cr_assert_str_eq(ask_from(&f, VIEW_OUTSIDE, WEB, DNS_A), "A 60 192.0.2.1");
	cr_assert_str_eq(ask_from(&f, INSIDE, WEB, DNS_A), "A 60 10.0.0.1");
	world_renew(&f.world, WEB, "b");
	f.world.now_ms += 59000;
	cr_assert_str_eq(ask_from(&f, INSIDE, WEB, DNS_A), "A 1 10.0.0.1");
	world_remove_instance(&f.world, WEB, "a");
	world_publish(&f.world);
	cr_assert_str_eq(ask_from(&f, VIEW_OUTSIDE, WEB, DNS_A), "A 1 192.0.2.1");
	fixture_end(&f);
}

Test(views, without_views_all_see_the_own_addresses)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60");
	add(&f, "a", "4=10.0.0.1 public4=192.0.2.1");
	cr_assert_str_eq(ask_from(&f, VIEWS_ALL, WEB, DNS_A), "A 60 10.0.0.1");
	f.world.options.views = views;
	zone_set_options(f.world.zone, &f.world.options);
	world_publish(&f.world);
	cr_assert_str_eq(ask_from(&f, VIEW_OUTSIDE, WEB, DNS_A), "A 60 192.0.2.1");
	f.world.options.views = NULL;
	zone_set_options(f.world.zone, &f.world.options);
	world_publish(&f.world);
	cr_assert_str_eq(ask_from(&f, VIEWS_ALL, WEB, DNS_A), "A 60 10.0.0.1");
	fixture_end(&f);
}
