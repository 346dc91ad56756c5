/* SPDX-License-Identifier: MIT */
/* Several namespaces of one name, each for views of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "base/error.h"
#include "base/mem.h"
#include "rng.h"
#include "test.h"
#include "wire/dns.h"
#include "zone/export.h"

enum { SEEN = 3 }; /* views that are looked at: a, b and outside */

static const uint16_t seen[SEEN] = {1, 2, VIEW_OUTSIDE};

/* A namespace without a Vpc is seen by all, one of a or b by that view, others by all but those outside. */
static uint16_t views(void *arg, const struct namespace *ns)
{
	(void)arg;
	if (ns->vpc == NULL)
		return VIEWS_ALL;
	if (strcmp(ns->vpc, "a") == 0)
		return seen[0];
	return strcmp(ns->vpc, "b") == 0 ? seen[1] : (uint16_t)~VIEW_OUTSIDE;
}

struct town {
	struct world w;
	struct asker asker;
};

static void use_views(struct world *w, bool are_there)
{
	w->options.views = are_there ? views : NULL;
	zone_set_options(w->zone, &w->options);
}

static void start(struct town *t)
{
	world_init(&t->w);
	asker_init(&t->asker, &t->w);
	use_views(&t->w, true);
}

static void end(struct town *t)
{
	asker_free(&t->asker);
	world_free(&t->w);
}

static const char *ask_from(struct town *t, uint16_t view, const char *name,
	uint16_t type)
{
	struct dname d;
	const struct entry *e;

	cr_assert_eq(dname_from_plain(name, &d), CMAP_OK);
	e = published_find_view(t->w.published, d.wire, d.len, view);
	return e == NULL ? "none" : ask_entry(&t->asker, e, type);
}

/* What the three views find at the name, of that type. */
static void check(struct town *t, const char *name, uint16_t type, const char *a,
	const char *b, const char *outside)
{
	const char *expected[SEEN] = {a, b, outside};

	for (size_t i = 0; i < SEEN; i++)
		cr_expect_str_eq(ask_from(t, seen[i], name, type), expected[i],
			"%s, %zu", name, i);
}

static void add(struct town *t, const char *service, const char *id,
	const char *attributes)
{
	world_instance(&t->w, service, id, attributes, 0);
}

Test(plane, each_view_finds_its_namespace_of_the_name)
{
	struct town t;

	start(&t);
	world_namespace_beside(&t.w, "corp", "corp", "a");
	world_namespace_beside(&t.w, "CORP", "corp-b", "b");
	world_service(&t.w, "web.corp", "A=60");
	world_service(&t.w, "web.corp-b", "A=30 SRV=30");
	world_service(&t.w, "db.corp-b", "A=60");
	add(&t, "web.corp", "i", "4=10.0.0.1");
	add(&t, "web.corp-b", "i", "4=10.0.0.2 port=80");
	world_publish(&t.w);
	check(&t, "web.corp", DNS_A, "A 60 10.0.0.1", "A 30 10.0.0.2", "none");
	check(&t, "web.corp", DNS_SRV, "nodata",
		"SRV 30 1:80:i.web.corp. + A 30 10.0.0.2", "none");
	check(&t, "i.web.corp", DNS_A, "none", "A 30 10.0.0.2", "none");
	check(&t, "db.corp", DNS_A, "none", "nodata", "none");
	world_remove_instance(&t.w, "web.corp-b", "i");
	world_remove_service(&t.w, "web.corp-b");
	world_remove_service(&t.w, "db.corp-b");
	world_publish(&t.w);
	check(&t, "web.corp", DNS_A, "A 60 10.0.0.1", "none", "none");
	world_remove_namespace(&t.w, "corp-b");
	world_publish(&t.w);
	check(&t, "corp", DNS_TXT, "nodata", "none", "none");
	end(&t);
}

Test(plane, the_namespace_of_fewer_views_hides_the_others)
{
	struct town t;

	start(&t);
	world_namespace(&t.w, "corp", -1);
	world_service(&t.w, "web.corp", "A=60");
	world_service(&t.w, "www.corp", "A=60");
	add(&t, "web.corp", "i", "4=10.0.0.1 public4=192.0.2.1");
	add(&t, "www.corp", "i", "4=10.0.0.9");
	world_publish(&t.w);
	check(&t, "web.corp", DNS_A, "A 60 10.0.0.1", "A 60 10.0.0.1",
		"A 60 192.0.2.1");
	world_namespace_beside(&t.w, "corp", "corp-in", "in");
	world_service(&t.w, "web.corp-in", "A=60");
	add(&t, "web.corp-in", "i", "4=10.0.0.2");
	world_publish(&t.w);
	check(&t, "web.corp", DNS_A, "A 60 10.0.0.2", "A 60 10.0.0.2",
		"A 60 192.0.2.1");
	check(&t, "www.corp", DNS_A, "none", "none", "A 60 10.0.0.9");
	world_namespace_beside(&t.w, "corp", "corp-a", "a");
	world_publish(&t.w);
	check(&t, "web.corp", DNS_A, "none", "A 60 10.0.0.2", "A 60 192.0.2.1");
	check(&t, "corp", DNS_TXT, "nodata", "nodata", "nodata");
	/* A change where nobody but those outside looks. */
	add(&t, "web.corp", "i", "4=10.0.0.1 public4=192.0.2.7");
	add(&t, "www.corp", "j", "4=10.0.0.8");
	world_publish(&t.w);
	check(&t, "web.corp", DNS_A, "none", "A 60 10.0.0.2", "A 60 192.0.2.7");
	cr_expect(strstr(ask_from(&t, VIEW_OUTSIDE, "www.corp", DNS_A), "10.0.0.8"));
	world_remove_namespace(&t.w, "corp-a");
	world_remove_instance(&t.w, "web.corp-in", "i");
	world_remove_service(&t.w, "web.corp-in");
	world_remove_namespace(&t.w, "corp-in");
	world_publish(&t.w);
	check(&t, "web.corp", DNS_A, "A 60 10.0.0.1", "A 60 10.0.0.1",
		"A 60 192.0.2.7");
	end(&t);
}

Test(plane, without_views_the_older_namespace_is_shown)
{
	struct town t;
	const struct namespace *older, *newer;

	start(&t);
	world_namespace_beside(&t.w, "corp", "corp", "a");
	t.w.now_ms++;
	world_namespace_beside(&t.w, "corp", "corp-b", "b");
	older = model_namespace_by_name(&t.w.model, "corp");
	newer = model_namespace_by_name(&t.w.model, "corp-b");
	cr_expect_eq(newer->shown_views, seen[1]);
	world_service(&t.w, "web.corp", "A=60");
	world_service(&t.w, "web.corp-b", "A=60");
	add(&t, "web.corp", "i", "4=10.0.0.1");
	add(&t, "web.corp-b", "i", "4=10.0.0.2");
	use_views(&t.w, false);
	world_publish(&t.w);
	check(&t, "web.corp", DNS_A, "A 60 10.0.0.1", "A 60 10.0.0.1", "A 60 10.0.0.1");
	cr_expect_eq(zone_views(t.w.zone, newer), VIEWS_ALL);
	cr_expect_eq(newer->shown_views, 0);
	cr_expect_eq(older->shown_views, VIEWS_ALL);
	use_views(&t.w, true);
	world_publish(&t.w);
	check(&t, "web.corp", DNS_A, "A 60 10.0.0.1", "A 60 10.0.0.2", "none");
	end(&t);
}

Test(plane, what_is_registered_counts_where_it_is)
{
	struct town t;
	const struct namespace *a, *b;

	start(&t);
	world_namespace_beside(&t.w, "corp", "corp", "a");
	world_namespace_beside(&t.w, "corp", "corp-b", "b");
	a = model_namespace_by_name(&t.w.model, "corp");
	b = model_namespace_by_name(&t.w.model, "corp-b");
	world_service(&t.w, "x.web.corp-b", "A=60");
	cr_expect_eq(zone_name_use(t.w.zone, a, "x.web.corp"), ZONE_USE_NONE);
	cr_expect_eq(zone_name_use(t.w.zone, b, "x.web.corp"), ZONE_USE_SERVICE);
	cr_expect_eq(zone_name_use(t.w.zone, b, "corp"), ZONE_USE_APEX);
	cr_expect(zone_is_registered(t.w.zone, "WEB.corp"));
	cr_expect(zone_is_registered(t.w.zone, "x.web.corp."));
	cr_expect_not(zone_is_registered(t.w.zone, "corp"));
	cr_expect_not(zone_is_registered(t.w.zone, "db.corp"));
	cr_expect_not(zone_is_registered(t.w.zone, ".."));
	end(&t);
}

/* The names between a zone and another inside it exist in each zone of that name (RFC 8020). */
Test(plane, zones_inside_are_known_in_each)
{
	struct town t;

	start(&t);
	world_namespace_beside(&t.w, "corp", "corp", "a");
	world_namespace_beside(&t.w, "y.x.corp", "y.x.corp", "in");
	world_namespace_beside(&t.w, "corp", "corp-b", "b");
	world_publish(&t.w);
	check(&t, "x.corp", DNS_A, "nodata", "nodata", "none");
	check(&t, "y.x.corp", DNS_NS, "NS 3600 ns.test.", "NS 3600 ns.test.", "none");
	world_namespace_beside(&t.w, "w.v.corp", "w.v.corp", "in");
	world_publish(&t.w);
	check(&t, "v.corp", DNS_A, "nodata", "nodata", "none");
	world_remove_namespace(&t.w, "corp");
	world_remove_namespace(&t.w, "y.x.corp");
	world_publish(&t.w);
	check(&t, "x.corp", DNS_A, "none", "none", "none");
	check(&t, "v.corp", DNS_A, "none", "nodata", "none");
	end(&t);
}

static struct static_zone *read_static(void *arg, const char *name,
	const struct dname *apex)
{
	static const char text[] = "s 3600 A 192.0.2.1\n"
				   "t.y 3600 A 192.0.2.2\n";
	struct static_zone *s = NULL;
	struct buf why = {.data = NULL};

	(void)arg;
	if (strcmp(name, "corp") == 0)
		cr_assert_eq(static_read_text(name, text, strlen(text), apex, &s, &why),
			CMAP_OK);
	return s;
}

Test(plane, each_namespace_has_the_records_of_the_zone_file)
{
	struct town t;

	start(&t);
	t.w.options.statics = read_static;
	use_views(&t.w, true);
	world_namespace_beside(&t.w, "corp", "corp", "a");
	world_namespace_beside(&t.w, "corp", "corp-b", "b");
	world_publish(&t.w);
	check(&t, "s.corp", DNS_A, "A 3600 192.0.2.1", "A 3600 192.0.2.1", "none");
	check(&t, "t.y.corp", DNS_A, "A 3600 192.0.2.2", "A 3600 192.0.2.2", "none");
	/* They give way to another namespace in both. */
	world_namespace_beside(&t.w, "y.corp", "y.corp", "in");
	world_publish(&t.w);
	check(&t, "t.y.corp", DNS_A, "none", "none", "none");
	world_remove_namespace(&t.w, "y.corp");
	world_publish(&t.w);
	check(&t, "t.y.corp", DNS_A, "A 3600 192.0.2.2", "A 3600 192.0.2.2", "none");
	zone_set_static(t.w.zone, model_namespace_by_name(&t.w.model, "corp-b"), NULL);
	world_publish(&t.w);
	check(&t, "s.corp", DNS_A, "A 3600 192.0.2.1", "none", "none");
	end(&t);
}

/* Networks of views may overlap: each finds the names of its own tasks. */
Test(plane, the_names_of_an_address_are_those_that_the_view_sees)
{
	struct town t;

	start(&t);
	cr_assert_eq(prefix_parse("10.0.0.0/8", &t.w.options.reverse[0]), CMAP_OK);
	t.w.options.n_reverse = 1;
	world_namespace_beside(&t.w, "corp", "corp", "a");
	world_namespace_beside(&t.w, "corp", "corp-b", "b");
	world_namespace_beside(&t.w, "all", "all", "in");
	world_service(&t.w, "web.corp", "A=60");
	world_service(&t.w, "web.corp-b", "A=30");
	world_service(&t.w, "db.corp-b", "A=60");
	world_service(&t.w, "x.all", "A=60");
	add(&t, "web.corp", "i", "4=10.0.0.1");
	world_instance(&t.w, "web.corp-b", "j", "4=10.0.0.1", 5000);
	world_instance(&t.w, "web.corp-b", "k", "4=10.0.0.1", 5000);
	add(&t, "db.corp-b", "k", "4=10.0.0.2");
	add(&t, "x.all", "i", "4=10.0.0.3");
	/* The names of what is there already are made when the networks come. */
	use_views(&t.w, true);
	world_publish(&t.w);
	check(&t, "1.0.0.10.in-addr.arpa", DNS_PTR, "PTR 60 web.corp.",
		"PTR 5 web.corp.", "none");
	check(&t, "2.0.0.10.in-addr.arpa", DNS_PTR, "none", "PTR 60 db.corp.", "none");
	check(&t, "3.0.0.10.in-addr.arpa", DNS_PTR, "PTR 60 x.all.", "PTR 60 x.all.",
		"none");
	/* A renewal counts where the instance is seen. */
	t.w.now_ms += 4000;
	world_renew(&t.w, "web.corp-b", "k");
	t.w.now_ms += 4000;
	check(&t, "1.0.0.10.in-addr.arpa", DNS_PTR, "PTR 60 web.corp.",
		"PTR 1 web.corp.", "none");
	world_remove_instance(&t.w, "web.corp", "i");
	add(&t, "x.all", "j", "4=10.0.0.2");
	world_publish(&t.w);
	check(&t, "1.0.0.10.in-addr.arpa", DNS_PTR, "none", "PTR 1 web.corp.", "none");
	cr_expect_str_eq(ask_from(&t, seen[0], "2.0.0.10.in-addr.arpa", DNS_PTR),
		"PTR 60 x.all.");
	/* Without views the older namespace of the name is the only one. */
	use_views(&t.w, false);
	world_publish(&t.w);
	check(&t, "3.0.0.10.in-addr.arpa", DNS_PTR, "PTR 60 x.all.", "PTR 60 x.all.",
		"PTR 60 x.all.");
	check(&t, "1.0.0.10.in-addr.arpa", DNS_PTR, "none", "none", "none");
	end(&t);
}

static void take(void *arg, const char *name, const char *type, uint32_t ttl,
	const char *data)
{
	if (strcmp(type, "A") == 0)
		buf_printf(arg, "%s %u %s\n", name, (unsigned int)ttl, data);
}

Test(plane, an_export_is_of_one_of_them)
{
	struct town t;
	struct buf out = {.data = NULL}, next = {.data = NULL};
	struct export_reader reader = {.take = take, .arg = &out};

	start(&t);
	world_namespace_beside(&t.w, "corp", "corp", "a");
	world_namespace_beside(&t.w, "corp", "corp-b", "b");
	world_service(&t.w, "web.corp", "A=60");
	world_service(&t.w, "web.corp-b", "A=60");
	add(&t, "web.corp", "i", "4=10.0.0.1");
	add(&t, "web.corp-b", "i", "4=10.0.0.2");
	world_publish(&t.w);
	cr_assert_eq(zone_export(t.w.zone,
			     model_namespace_by_name(&t.w.model, "corp-b"), "", &reader,
			     &next),
		CMAP_OK);
	cr_expect_str_eq(buf_text(&out), "web.corp. 60 10.0.0.2\n");
	buf_free(&out);
	buf_free(&next);
	end(&t);
}

/* ---- whatever comes and goes ------------------------------------------------------------------- */

/*
 * What a view finds is what it would find in a zone that holds nothing but the namespaces it sees. Names where nothing
 * stands are not compared: of zones inside that it does not see it learns that they exist.
 */

enum { SPACES = 4, VPCS = 4, STEPS = 300, RUNS = 10, LABELS = 3, ADDRESSES = 8 };

static const char *const spaces[SPACES] = {"t", "b.t", "a.b.t", "u"};
static const char *const vpcs[VPCS] = {"", "in", "a", "b"};

/* The HttpName of a namespace, and the name of a service in it. */
static const char *http_name(int space, int vpc)
{
	static char text[32];

	snprintf(text, sizeof(text), "%s-%d", spaces[space], vpc);
	return text;
}

static const char *service_in(int space, int vpc, char label)
{
	static char text[64];

	snprintf(text, sizeof(text), "%c.%s", label, http_name(space, vpc));
	return text;
}

static void change_space(struct world *w, int space, int vpc)
{
	struct namespace *ns =
		model_namespace_by_name(&w->model, http_name(space, vpc));

	if (ns != NULL && ns->services == NULL)
		world_remove_namespace(w, http_name(space, vpc));
	else if (ns == NULL && !zone_is_registered(w->zone, spaces[space]))
		world_namespace_beside(w, spaces[space], http_name(space, vpc),
			vpcs[vpc]);
	/* A batch never holds what undoes what it does. */
	world_publish(w);
}

static bool lies_in(const struct world *w, int space, const char *name)
{
	/* As the registry allows it. */
	for (; name != NULL; name = strchr(name, '.')) {
		name += *name == '.';
		if (model_namespace_by_dns(&w->model, name) != NULL)
			return strcmp(name, spaces[space]) == 0;
	}
	return false;
}

static void change_service(struct world *w, struct rng *rng, int space, int vpc)
{
	struct namespace *ns =
		model_namespace_by_name(&w->model, http_name(space, vpc));
	char label = "abc"[rng_below(rng, LABELS)], name[64], attributes[64];
	struct service *s;

	if (ns == NULL)
		return;
	snprintf(name, sizeof(name), "%c.%s", label, spaces[space]);
	if (!lies_in(w, space, name))
		return;
	s = model_service_by_name(ns, (char[]){label, '\0'});
	if (s == NULL) {
		world_service(w, service_in(space, vpc, label),
			rng_below(rng, 2) == 0 ? "A=60" : "A=60 SRV=30");
		return;
	}
	if (s->instances == NULL && rng_below(rng, 2) == 0) {
		world_remove_service(w, service_in(space, vpc, label));
	} else if (s->instances != NULL && rng_below(rng, 2) == 0) {
		world_remove_instance(w, service_in(space, vpc, label), "a");
	} else {
		char target[70];

		snprintf(target, sizeof(target), "a.%s", name);
		if (!lies_in(w, space, target))
			return;
		snprintf(attributes, sizeof(attributes), "4=10.0.0.%u port=%d%s",
			(unsigned int)rng_below(rng, ADDRESSES), 10 * space + vpc + 1,
			rng_below(rng, 2) == 0 ? "" : " public4=192.0.2.1");
		world_instance(w, service_in(space, vpc, label), "a", attributes, 0);
	}
}

/* A zone of what the view sees; what is zone's own in the model is put back. */
static struct zone *zone_of_view(const struct world *w, uint16_t view)
{
	struct zone_options options = w->options;
	struct zone *z;
	struct namespace *ns, *next_ns;
	struct service *s, *next_s;
	struct instance *i, *next_i;

	z = zone_new(&options);
	HASH_ITER (by_id, w->model.namespaces, ns, next_ns) {
		uint16_t plane = ns->plane, shown = ns->shown_views;

		if (!(ns->shown_views & view))
			continue;
		zone_namespace_put(z, ns);
		cr_assert_eq(ns->plane, 0);
		HASH_ITER (by_key, ns->services, s, next_s) {
			void *node = s->node;

			zone_service_put(z, s);
			HASH_ITER (by_id, s->instances, i, next_i) {
				uint8_t marks = i->marks;

				i->marks = 0;
				zone_instance_put(z, i);
				i->marks = marks;
			}
			s->node = node;
		}
		ns->plane = plane;
		ns->shown_views = shown;
	}
	zone_publish(z, w->model.revision);
	return z;
}

/* All that the view finds at the name and below. */
static void describe(struct town *t, const struct published *p, uint16_t view,
	const char *name, int depth, struct buf *out)
{
	static const uint16_t types[] = {DNS_SOA, DNS_A, DNS_SRV};
	struct dname d;
	const struct entry *e;

	cr_assert_eq(dname_from_plain(name, &d), CMAP_OK);
	e = published_find_view(p, d.wire, d.len, view);
	for (size_t i = 0; e != NULL && i < CMAP_COUNT(types); i++) {
		const char *text = ask_entry(&t->asker, e, types[i]);

		if (strcmp(text, "nodata") != 0)
			buf_printf(out, "%s %s\n", name,
				types[i] == DNS_SOA ? "SOA" : text);
	}
	for (int i = 0; depth > 0 && i < LABELS; i++) {
		char below[64];

		snprintf(below, sizeof(below), "%c.%s", "abc"[i], name);
		describe(t, p, view, below, depth - 1, out);
	}
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of the addresses, each in the order of its text: which comes first is a matter of turns. */
static void describe_addresses(struct town *t, const struct published *p, uint16_t view,
	struct buf *out)
{
	for (int i = 0; i < ADDRESSES; i++) {
		char name[32], *text, *word[3 + SPACES * VPCS * LABELS * 2], *rest;
		struct dname d;
		const struct entry *e;
		size_t n = 0;

		snprintf(name, sizeof(name), "%d.0.0.10.in-addr.arpa", i);
		cr_assert_eq(dname_from_plain(name, &d), CMAP_OK);
		e = published_find_view(p, d.wire, d.len, view);
		text = xstrdup(e == NULL ? "" : ask_entry(&t->asker, e, DNS_PTR));
		for (char *at = strtok_r(text, " ", &rest);
			at != NULL && n < CMAP_COUNT(word);
			at = strtok_r(NULL, " ", &rest))
			word[n++] = at;
		qsort(word, n, sizeof(*word), compare_words);
		for (size_t k = 0; k < n; k++)
			buf_printf(out, "%s %s\n", name, word[k]);
		free(text);
	}
}

static void compare(struct town *t, int run, int step)
{
	for (size_t v = 0; v < SEEN; v++) {
		struct zone *alone = zone_of_view(&t->w, seen[v]);
		struct buf got = {.data = NULL}, expected = {.data = NULL};

		for (int i = 0; i < SPACES; i++) {
			describe(t, t->w.published, seen[v], spaces[i], 3, &got);
			describe(t, zone_published(alone), seen[v], spaces[i], 3,
				&expected);
		}
		describe_addresses(t, t->w.published, seen[v], &got);
		describe_addresses(t, zone_published(alone), seen[v], &expected);
		cr_assert_str_eq(buf_text(&got), buf_text(&expected),
			"run %d, step %d, view %zu:\n%s\ninstead of\n%s", run, step, v,
			buf_text(&got), buf_text(&expected));
		buf_free(&got);
		buf_free(&expected);
		zone_free(alone);
	}
}

static void run_chaos(int run)
{
	struct rng rng = {(uint64_t)run * 104729 + 1};
	struct town t;

	start(&t);
	cr_assert_eq(prefix_parse("10.0.0.0/24", &t.w.options.reverse[0]), CMAP_OK);
	t.w.options.n_reverse = 1;
	t.w.options.answers = 0;
	use_views(&t.w, true);
	for (int step = 0; step < STEPS; step++) {
		int space = (int)rng_below(&rng, SPACES),
		    vpc = (int)rng_below(&rng, VPCS);

		t.w.now_ms++;
		if (rng_below(&rng, 4) == 0)
			change_space(&t.w, space, vpc);
		else
			change_service(&t.w, &rng, space, vpc);
		if (rng_below(&rng, 50) == 0)
			use_views(&t.w, t.w.options.views == NULL);
		if (rng_below(&rng, 12) != 0)
			continue;
		world_publish(&t.w);
		compare(&t, run, step);
	}
	end(&t);
}

Test(plane, each_view_finds_what_a_zone_of_its_own_would_give)
{
	for (int run = 0; run < RUNS; run++)
		run_chaos(run);
}

/* A namespace that takes over a zone that is nobody's takes all in it along, whichever came first. */
Test(plane, a_zone_of_no_namespace_is_taken_over_whole)
{
	static const char *const address = "1.0.0.10.in-addr.arpa";
	struct town t;

	start(&t);
	cr_assert_eq(prefix_parse("10.0.0.0/8", &t.w.options.reverse[0]), CMAP_OK);
	t.w.options.n_reverse = 1;
	use_views(&t.w, true);
	world_namespace_beside(&t.w, "y.x.local", "y.x.local", "in");
	world_service(&t.w, "w.y.x.local", "A=60");
	add(&t, "w.y.x.local", "i", "4=10.0.0.1");
	for (int run = 0; run < 2; run++) {
		world_publish(&t.w);
		check(&t, address, DNS_PTR, "PTR 60 w.y.x.local.",
			"PTR 60 w.y.x.local.", "none");
		check(&t, "x.local", DNS_A, "nodata", "nodata", "none");
		world_namespace_beside(&t.w, "10.in-addr.arpa", "arpa", "a");
		world_namespace_beside(&t.w, "local", "local", "a");
		world_publish(&t.w);
		check(&t, address, DNS_PTR, "PTR 60 w.y.x.local.", "none", "none");
		check(&t, "x.local", DNS_A, "nodata", "none", "none");
		world_remove_namespace(&t.w, "arpa");
		world_remove_namespace(&t.w, "local");
	}
	end(&t);
}

/* How many entries of the name those in the view see. */
static int count_seen(const struct town *t, uint16_t view, const char *name)
{
	const struct table *table = atomic_load(&t->w.published->table);
	struct dname d;
	int n = 0;

	cr_assert_eq(dname_from_plain(name, &d), CMAP_OK);
	for (uint32_t i = 0; i <= table->mask; i++) {
		const struct entry *e = atomic_load(&table->slot[i].entry);

		n += e != NULL && (e->views & view) && e->name_len == d.len &&
		     memcmp(e->name, d.wire, d.len) == 0;
	}
	return n;
}

/* A zone of no namespace is one of those that hide and are hidden. */
Test(plane, of_a_zone_of_no_namespace_and_one_of_its_name_one_is_seen)
{
	static const char *const names[] = {"10.in-addr.arpa", "1.0.0.10.in-addr.arpa",
		"1.10.in-addr.arpa", "1.0.1.10.in-addr.arpa"};
	struct town t;

	start(&t);
	cr_assert_eq(prefix_parse("10.0.0.0/8", &t.w.options.reverse[0]), CMAP_OK);
	t.w.options.n_reverse = 1;
	use_views(&t.w, true);
	world_namespace_beside(&t.w, "all", "all", "in");
	world_service(&t.w, "x.all", "A=60");
	add(&t, "x.all", "i", "4=10.0.0.1");
	world_namespace_beside(&t.w, "10.in-addr.arpa", "arpa-a", "a");
	world_namespace_beside(&t.w, "10.in-addr.arpa", "arpa-b", "b");
	world_service(&t.w, "1.0.0.arpa-b", "A=60");
	world_publish(&t.w);
	world_remove_namespace(&t.w, "arpa-a");
	world_publish(&t.w);
	check(&t, names[1], DNS_A, "nodata", "nodata", "none");
	check(&t, names[1], DNS_PTR, "PTR 60 x.all.", "nodata", "none");
	for (size_t i = 0; i < CMAP_COUNT(names); i++)
		for (size_t v = 0; v < SEEN; v++)
			cr_expect_leq(count_seen(&t, seen[v], names[i]), 1, "%s, %zu",
				names[i], v);
	/* A network inside the namespace of the second plane. */
	cr_assert_eq(prefix_parse("10.0.0.0/16", &t.w.options.reverse[0]), CMAP_OK);
	use_views(&t.w, true);
	world_publish(&t.w);
	check(&t, names[1], DNS_PTR, "PTR 60 x.all.", "PTR 60 x.all.", "none");
	for (size_t v = 0; v < SEEN; v++)
		cr_expect_leq(count_seen(&t, seen[v], names[1]), 1, "%zu", v);
	end(&t);
}
