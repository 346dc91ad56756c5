/* SPDX-License-Identifier: MIT */
/*
 * world.h -- a whole cmap without sockets: memory store, registry, zone and responder under a clock
 * that stands still until a scenario moves it.
 */
#ifndef SCENARIO_WORLD_H
#define SCENARIO_WORLD_H

#include <ldns/ldns.h>

#include "base/clock.h"
#include "base/loop.h"
#include "registry/registry.h"
#include "server/respond.h"
#include "store/store_mem.h"

/* What stands in the place of zone_dir/NAME.zone. */
struct world_file {
	char *name; /* of the namespace */
	struct buf text;
	struct world_file *next;
};

struct world {
	struct clock_fake clock;
	struct loop loop;
	struct store_mem_disk *disk;
	struct store *store;
	struct zone *zone;
	struct registry *registry;
	struct counters counters;
	struct responder responder;
	struct zone_options zone_options;
	uint32_t max_instances;
	struct world_file *files;
	char **browse;  /* namespaces that can be browsed; NULL ends them */
	struct buf why; /* what was wrong with the last file read, "NAME:LINE: ..." */
};

void world_open(struct world *w);
/* Everything is gone but what is on disk; then it is loaded again. */
void world_restart(struct world *w);
void world_close(struct world *w);
/* Lets ms pass, turning the loop and the store as it goes. */
void world_pass(struct world *w, int64_t ms);
/*
 * Submits c and waits for its answer, as long as the store gives one. Returns false if none came; c is then
 * still with the registry. c is otherwise the caller's again.
 */
bool world_submit(struct world *w, struct command *c);
/* Adds a line to the zone file of a namespace; it is read at world_reload(), or when the namespace is new. */
void world_add_line(struct world *w, const char *name, const char *line);
/* Forgets the file. */
void world_empty_file(struct world *w, const char *name);
/* Reads the files again, as SIGHUP does. false: one is bad, and w->why says what; nothing was changed. */
bool world_reload(struct world *w);
/* These n namespaces can be browsed from now on. */
void world_browse(struct world *w, int n, char *const *names);
/* Asks for name and type, RD set, EDNS 1232. The reply as ldns reads it; the caller frees it. */
ldns_pkt *world_ask(struct world *w, const char *name, const char *type);

#endif
