/* SPDX-License-Identifier: MIT */
/*
 * zone.h -- the control thread's side of the zones: from the model to published names.
 *
 * The registry says what it has put or is about to delete; zone remembers which names
 * that touches, and zone_publish() compiles them anew and shows them to the readers
 * (see table.h).
 *
 * Owner:  model structs are borrowed, and must stay until zone_publish() has returned.
 * Thread: the control thread only.
 */
#ifndef ZONE_ZONE_H
#define ZONE_ZONE_H

#include <stdint.h>

#include "base/prefix.h"
#include "model/model.h"
#include "wire/dname.h"
#include "zone/static.h"

struct zone;

#define ZONE_REVERSE_MAX 64

struct zone_options {
	uint32_t negative_ttl; /* seconds, of a SOA whose namespace names no TTL */
	uint16_t answers;      /* records in an answer; 0: all */
	bool fair; /* the client's own sorting keeps the head of an answer: see answer.h */
	struct dname nameserver; /* NS and SOA MNAME of every zone */
	/*
	 * Asked when a namespace is new: the records its zone file gives it, which become the zone's, or NULL.
	 * name: in lower case, without the dot at the end. NULL: no namespace has any.
	 */
	struct static_zone *(*statics)(void *arg, const char *name,
		const struct dname *apex);
	/* Who sees the names of the namespace, as entry.h has it. NULL: there are no views. */
	uint16_t (*views)(void *arg, const struct namespace *ns);
	/* The namespace can be browsed: see browse.h. NULL: none can. */
	bool (*browses)(void *arg, const struct namespace *ns);
	void *arg; /* of all three */
	uint32_t n_reverse;
	struct prefix reverse
		[ZONE_REVERSE_MAX]; /* whose addresses get names: see reverse.h */
};

/* How a name is used now. Static records do not count: they give way. */
enum zone_use {
	ZONE_USE_NONE,  /* nothing is registered there or below */
	ZONE_USE_EMPTY, /* nothing there, but something below */
	ZONE_USE_APEX,
	ZONE_USE_SERVICE,
	ZONE_USE_TARGET
};

struct published;

struct zone *zone_new(const struct zone_options *options) CMAP_NONNULL CMAP_MUST_USE;
/* No reader may be left. */
void zone_free(struct zone *z);
/* What readers see; as long as z. */
struct published *zone_published(struct zone *z) CMAP_NONNULL;
/*
 * How the namespace, which is there, uses the name. name is plain text in any case; one that cannot be one is
 * ZONE_USE_NONE.
 */
enum zone_use zone_name_use(const struct zone *z, const struct namespace *ns,
	const char *name) CMAP_NONNULL;
/* Something is registered at the name or below it, in a namespace that is not called so. */
bool zone_is_registered(const struct zone *z, const char *name) CMAP_NONNULL;
/*
 * Who is to see the namespace, which need not be there: as options.views() has it. To whom is to see several of one
 * name, that which fewer views see hides the others, and of two that the same see, the older one: shown_views in a
 * namespace that is there says who sees it.
 */
uint16_t zone_views(const struct zone *z, const struct namespace *ns) CMAP_NONNULL;
/* Everything is compiled anew at the next zone_publish(). */
void zone_set_options(struct zone *z, const struct zone_options *options) CMAP_NONNULL;

/* Its is_unhealthy has changed. */
void zone_instance_health(struct zone *z, struct instance *i) CMAP_NONNULL;
/* After the model has it: ... */
void zone_namespace_put(struct zone *z, struct namespace *ns) CMAP_NONNULL;
void zone_service_put(struct zone *z, struct service *s) CMAP_NONNULL;
void zone_instance_put(struct zone *z, struct instance *i) CMAP_NONNULL;
/*
 * ... before it puts fresh into old's place: what that changes in the DNS is touched, and zone_*_put() is not called.
 * fresh has the name and the type of old.
 */
void zone_namespace_replace(struct zone *z, const struct namespace *old,
	struct namespace *fresh) CMAP_NONNULL;
void zone_service_replace(struct zone *z, struct service *old,
	struct service *fresh) CMAP_NONNULL;
/* ... before it puts another one in i's place, and that one is put here ... */
void zone_instance_replace(struct zone *z, struct instance *i) CMAP_NONNULL;
/* ... and before the model frees it. */
void zone_namespace_delete(struct zone *z, struct namespace *ns) CMAP_NONNULL;
void zone_service_delete(struct zone *z, struct service *s) CMAP_NONNULL;
void zone_instance_delete(struct zone *z, struct instance *i) CMAP_NONNULL;

/*
 * changed() is told at once, and from then on, of which targets of alias instances somebody wants the addresses: name
 * is plain text in lower case.
 */
void zone_watch_aliases(struct zone *z,
	void (*changed)(void *arg, const char *name, bool is_wanted), void *arg)
	__attribute__((nonnull(1, 2)));
/* The n addresses of that type (A or AAAA) that the target now has, good for ttl seconds; it may have none. */
void zone_set_alias(struct zone *z, const char *name, uint16_t type,
	const uint8_t *octets, uint32_t n, uint32_t ttl) __attribute__((nonnull(1, 2)));
/* Which it has is not known, as until the first of these calls, and why: RFC 8914's code. */
void zone_forget_alias(struct zone *z, const char *name, uint16_t type,
	uint8_t ede) CMAP_NONNULL;

/* The target leads back to itself, by aliases and CNAMEs that are registered. (alias_loop.c) */
bool zone_alias_is_loop(const struct zone *z,
	const char *name) CMAP_NONNULL CMAP_MUST_USE;

/*
 * Gives the namespace, which is there, these records in place of those it has; s (NULL: none) is taken over. Its apex
 * is ns's name.
 */
void zone_set_static(struct zone *z, const struct namespace *ns, struct static_zone *s)
	__attribute__((nonnull(1, 2)));

/* When i's lease ends (monotonic ms; MODEL_LEASE_NONE: never). Readers see it at once.
 */
void zone_lease_set(struct zone *z, struct instance *i, int64_t end_ms) CMAP_NONNULL;

/* Shows all that was touched since the last call; revision becomes the zones' serial.
 */
void zone_publish(struct zone *z, uint64_t revision) CMAP_NONNULL;

#endif
