/* SPDX-License-Identifier: MIT */
/*
 * world.h -- a model and its zone, filled as the registry fills them (registry/apply.c), for tests.
 *
 * Services are named in full ("web.corp.internal"); the namespace is the longest one above. What is
 * put stays invisible until world_publish(). Whatever cannot be done ends the program.
 *
 * Owner:  instances and services are borrowed, as in model.h.
 * Thread: the control thread's.
 */
#ifndef TESTS_UNIT_ZONE_WORLD_H
#define TESTS_UNIT_ZONE_WORLD_H

#include "model/model.h"
#include "zone/table.h"
#include "zone/zone.h"

enum { WORLD_NEGATIVE_TTL = 5, WORLD_ANSWERS = 8 };

struct world {
	struct model model;
	struct zone *zone;
	struct zone_options options;
	const struct published *published;
	int64_t now_ms;
	unsigned int last_id;
};

/* Empty; the time is 1,000 s. */
void world_init(struct world *w);
void world_free(struct world *w);
/* soa_ttl -1: none was given. Again: replaced. */
void world_namespace(struct world *w, const char *name, int64_t soa_ttl);
/*
 * One that may be the second of that DNS name, with that Vpc ("": none). It goes by its HttpName, here and wherever a service in it is
 * named, as if that were its name.
 */
void world_namespace_beside(struct world *w, const char *name, const char *http_name,
	const char *vpc);
/* records: "A=60 AAAA=60 SRV=30 CNAME=10 WEIGHTED", in any choice. Again: replaced. */
struct service *world_service(struct world *w, const char *name, const char *records);
/* attributes: "4=10.0.0.1 6=fd00::1 port=80 cname=a.b alias=a.b public4=192.0.2.1 weight=3 health=UNHEALTHY", in any choice; lease_ms 0: none. Again: replaced. */
struct instance *world_instance(struct world *w, const char *service, const char *id,
	const char *attributes, int64_t lease_ms);
/* It must be there. */
struct instance *world_find(struct world *w, const char *service, const char *id);
/* The lease starts anew. */
void world_renew(struct world *w, const char *service, const char *id);
void world_remove_instance(struct world *w, const char *service, const char *id);
void world_remove_service(struct world *w, const char *name);
void world_remove_namespace(struct world *w, const char *name);
/* Each time with the next revision; the first is 1. */
void world_publish(struct world *w);

#endif
