/* SPDX-License-Identifier: MIT */
/*
 * compile.h -- from model structs and static records to one published entry.
 *
 * Source: Cloud Map developer guide (records of a service); RFC 1035, RFC 2782.
 */
#ifndef ZONE_COMPILE_H
#define ZONE_COMPILE_H

#include "model/model.h"
#include "zone/alias.h"
#include "zone/static.h"
#include "zone/table.h"
#include "zone/zone.h"

/* What a referral brings along for one NS record. */
struct compile_glue {
	const struct static_owner *owner; /* with the addresses; NULL: none */
	bool is_required; /* the target lies at or below the cut: unreachable without */
};

struct browse;
struct port;
struct reverse;

/* What a name publishes; any of the pointers may be NULL. */
struct compile_source {
	const uint8_t *name; /* wire form, lower case */
	uint8_t name_len, apex_len;
	const struct namespace *ns; /* the name is its apex */
	bool is_apex;               /* of ns, or of no namespace */
	struct service *service;
	struct address_source addresses; /* of its instances */
	uint32_t n_aliases;
	const struct instance *target; /* the name is the target of its SRV record */
	struct reverse
		*reverse; /* the name is that of their address; gets their groups */
	const struct port *port; /* the name is that of a named port */
	const struct browse
		*browse; /* the name is a list of services, or one that is listed */
	const struct static_owner *statics; /* what the zone file has here */
	bool is_cut;                        /* a delegation in force */
	bool has_wildcard;
	bool has_networks; /* ENTRY_NETWORKS */
	const struct compile_glue
		*glue;  /* if is_cut, one for each NS record, in order */
	uint16_t views; /* who sees the entry */
	uint16_t plane;
	uint8_t variant;
	uint32_t serial;
	uint32_t rotation; /* the first of COMPILE_ROTATIONS counters */
};

enum {
	COMPILE_ROTATIONS = 3, /* A, AAAA, SRV: their answers move on independently */
	COMPILE_RDATA_MAX = 6 + DNAME_MAX /* an instance's record has no more */
};

/* What stays of a compilation. */
struct compiled {
	/* Lease slots shared by the instances of a service that have one address, or one PTR, in common. */
	uint32_t *slot;
	uint32_t n;
	bool is_plain; /* all instances of the service, or of the port's, are healthy and have weight 1 */
};

/*
 * Unhealthy instances are not given at the name of their service, as records of type t: some other is healthy. Without
 * one, all are given (Cloud Map, as Route 53: better a doubtful answer than none).
 */
bool compile_healthy_only(const struct address_source *src, const struct service *s,
	enum record_type t) CMAP_NONNULL;

/*
 * A new entry, to be published, and what stays of it; the caller releases the slots when the entry is replaced.
 */
struct entry *compile_entry(const struct compile_source *source,
	const struct zone_options *options, struct published *p,
	struct compiled *out) CMAP_NONNULL CMAP_MUST_USE;

/*
 * The data of the record of that type that i brings to its service's name (wire form, lower case), into
 * COMPILE_RDATA_MAX octets at rdata, and what its target is, if it is SRV. Returns its octets; 0: i brings none.
 */
uint16_t compile_record(const struct instance *i, enum record_type t,
	const uint8_t *name, uint8_t name_len, uint8_t *rdata,
	struct target *target) CMAP_NONNULL CMAP_MUST_USE;
/*
 * The name of an instance, the target of its SRV record: the labels of id, then its service's name (wire form, lower
 * case), into DNAME_MAX octets at out. Returns its octets; 0: they make no name.
 */
uint16_t compile_target_name(const char *id, const uint8_t *name, uint8_t name_len,
	uint8_t *out) CMAP_NONNULL CMAP_MUST_USE;
/* What those outside find at the target of i's SRV record. */
void compile_outside_target(const struct address_source *src, const struct instance *i,
	struct target *out) CMAP_NONNULL;
/* The data of an SRV record for that port of i, as compile_record() has it. */
uint16_t compile_srv(const struct instance *i, uint16_t port, const uint8_t *name,
	uint8_t name_len, uint8_t *rdata,
	struct target *target) CMAP_NONNULL CMAP_MUST_USE;
/* Where i has the named port of that attribute; 0: nowhere. (compile_ports.c) */
uint16_t compile_port(const struct instance *i,
	const char *key) CMAP_NONNULL CMAP_MUST_USE;
/* The TTL at an instance's own name: that of SRV, or the least that the service has. */
uint32_t compile_target_ttl(const struct service *s) CMAP_NONNULL CMAP_MUST_USE;
/* How many records of its service's answers give. */
uint16_t compile_pick(const struct service *s,
	const struct zone_options *options) CMAP_NONNULL CMAP_MUST_USE;
/* The type as queries give it. */
uint16_t record_type_wire(enum record_type t) CMAP_MUST_USE;

/* What is registered at the name leaves no place for a static RRset of that type. */
bool compile_hides(const struct compile_source *source, uint16_t type) CMAP_NONNULL;

#endif
