/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

enum { STEP_MS = 50 };

static void die(const char *what)
{
	fprintf(stderr, "scenario: %s\n", what);
	exit(99);
}

/* Timers that are due, and what the store has to say, until nothing moves any more. */
static void settle(struct world *w)
{
	do {
		loop_once(&w->loop, 0);
	} while (store_mem_step(w->store));
}

static void loaded(void *arg, const char *reason)
{
	if (reason != NULL)
		die(reason);
	*(bool *)arg = true;
}

static struct world_file *find_file(struct world *w, const char *name)
{
	struct world_file *f = w->files;

	while (f != NULL && strcmp(f->name, name) != 0)
		f = f->next;
	return f;
}

/* CMAP_OK with *out NULL if there is no file. */
static int read_file(struct world *w, const char *name, const struct dname *apex,
	struct static_zone **out)
{
	const struct world_file *f = find_file(w, name);

	*out = NULL;
	buf_free(&w->why);
	return f == NULL || f->text.len == 0 ? CMAP_OK
					     : static_read_text(name, f->text.data,
						       f->text.len, apex, out, &w->why);
}

static struct static_zone *read_new(void *arg, const char *name,
	const struct dname *apex)
{
	struct static_zone *s;

	return read_file(arg, name, apex, &s) == CMAP_OK ? s : NULL;
}

void world_add_line(struct world *w, const char *name, const char *line)
{
	struct world_file *f = find_file(w, name);

	if (f == NULL) {
		f = xcalloc(1, sizeof(*f));
		f->name = xstrdup(name);
		f->next = w->files;
		w->files = f;
	}
	buf_printf(&f->text, "%s\n", line);
}

void world_empty_file(struct world *w, const char *name)
{
	struct world_file *f = find_file(w, name);

	if (f != NULL)
		buf_free(&f->text);
}

bool world_reload(struct world *w)
{
	const struct model *m = registry_model(w->registry);
	struct static_zone *s;
	struct dname apex;

	for (int pass = 0; pass < 2; pass++) {
		struct namespace *ns, *next;

		HASH_ITER (by_id, m->namespaces, ns, next) {
			if (ns->dns_key == NULL ||
				dname_from_plain(ns->dns_key, &apex) != CMAP_OK)
				continue;
			if (read_file(w, ns->dns_key, &apex, &s) != CMAP_OK)
				return false;
			if (pass == 0)
				static_free(s);
			else
				zone_set_static(w->zone, ns, s);
		}
	}
	zone_publish(w->zone, m->revision);
	return true;
}

static bool browses(void *arg, const struct namespace *ns)
{
	const struct world *w = arg;

	for (char **name = w->browse; *name != NULL; name++)
		if (strcmp(*name, ns->dns_key) == 0)
			return true;
	return false;
}

static void forget_browse(struct world *w)
{
	for (char **name = w->browse; name != NULL && *name != NULL; name++)
		free(*name);
	free(w->browse);
	w->browse = NULL;
}

void world_browse(struct world *w, int n, char *const *names)
{
	forget_browse(w);
	w->browse = xcalloc((size_t)n + 1, sizeof(*w->browse));
	for (int i = 0; i < n; i++)
		w->browse[i] = xstrdup(names[i]);
	w->zone_options.browses = n > 0 ? browses : NULL;
	zone_set_options(w->zone, &w->zone_options);
	zone_publish(w->zone, registry_model(w->registry)->revision);
}

static void bring_up(struct world *w)
{
	struct registry_options options = {.account = "123456789012",
		.region = "eu-test-1",
		.operations = 64,
		.max_instances = w->max_instances};
	bool is_loaded = false;

	w->zone = zone_new(&w->zone_options);
	w->store = store_mem_open(w->disk);
	w->registry = registry_new(&options, &w->loop, w->store, w->zone);
	w->responder = (struct responder){.published = zone_published(w->zone),
		.counters = &w->counters,
		.udp_size = RESPOND_UDP_SIZE};
	registry_load(w->registry, loaded, &is_loaded);
	settle(w);
	if (!is_loaded)
		die("the registry was not loaded");
}

static void bring_down(struct world *w)
{
	store_close(w->store);
	registry_free(w->registry);
	responder_free(&w->responder);
	zone_free(w->zone);
}

void world_open(struct world *w)
{
	memset(w, 0, sizeof(*w));
	clock_fake_init(&w->clock, 1000000, INT64_C(1700000000000));
	if (loop_init(&w->loop, &w->clock.clock) != CMAP_OK)
		die("no loop");
	w->zone_options = (struct zone_options){.negative_ttl = 5, .answers = 8};
	if (dname_from_plain("localhost", &w->zone_options.nameserver) != CMAP_OK)
		die("no nameserver");
	w->zone_options.statics = read_new;
	w->zone_options.arg = w;
	w->max_instances = 1000;
	w->disk = store_mem_disk_new();
	bring_up(w);
}

void world_restart(struct world *w)
{
	bring_down(w);
	bring_up(w);
}

void world_close(struct world *w)
{
	bring_down(w);
	loop_free(&w->loop);
	store_mem_disk_free(w->disk);
	while (w->files != NULL) {
		struct world_file *f = w->files;

		w->files = f->next;
		free(f->name);
		buf_free(&f->text);
		free(f);
	}
	forget_browse(w);
	buf_free(&w->why);
}

void world_pass(struct world *w, int64_t ms)
{
	while (ms > 0) {
		int64_t step = ms < STEP_MS ? ms : STEP_MS;

		clock_fake_pass(&w->clock, step);
		ms -= step;
		settle(w);
	}
}

static void mark_done(struct command *c)
{
	bool *abandoned = c->arg;

	if (*abandoned) { /* its scenario has gone on */
		free(abandoned);
		command_free(c);
		return;
	}
	free(abandoned);
	c->arg = NULL;
}

bool world_submit(struct world *w, struct command *c)
{
	bool *abandoned = xcalloc(1, sizeof(*abandoned));

	c->done = mark_done;
	c->arg = abandoned;
	registry_submit(w->registry, c);
	settle(w);
	if (c->arg == NULL)
		return true;
	*abandoned = true;
	return false;
}

ldns_pkt *world_ask(struct world *w, const char *name, const char *type)
{
	ldns_rdf *owner = ldns_dname_new_frm_str(name);
	ldns_pkt *query = ldns_pkt_query_new(owner, ldns_get_rr_type_by_name(type),
		LDNS_RR_CLASS_IN, LDNS_RD);
	uint8_t reply[DNS_MESSAGE_MAX], *wire = NULL;
	ldns_pkt *pkt = NULL;
	size_t len = 0;

	ldns_pkt_set_edns_udp_size(query, 1232);
	if (ldns_pkt2wire(&wire, query, &len) != LDNS_STATUS_OK)
		die("ldns made no query");
	responder_prepare(&w->responder, w->clock.now_mono_ms);
	len = respond(&w->responder, wire, len, true, reply);
	if (len > 1232 || ldns_wire2pkt(&pkt, reply, len) != LDNS_STATUS_OK)
		die("ldns does not read the reply");
	free(wire);
	ldns_pkt_free(query);
	return pkt;
}
