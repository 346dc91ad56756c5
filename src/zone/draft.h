/* SPDX-License-Identifier: MIT */
/*
 * draft.h -- an entry on its way: RRsets are added, then all is put into one block.
 *
 * Owner: the files of compile.h share it; nobody else includes it. A pointer to an RRset
 *        holds until the next one is added.
 */
#ifndef ZONE_DRAFT_H
#define ZONE_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "zone/compile.h"

#define DRAFT_RRSETS 6 /* a name has more only in a zone file */

/* Records of a published entry, to be copied: those of from in e, n of them from at on. */
struct draft_run {
	const struct entry *e;
	const struct rrset *from;
	uint32_t at, n;
};

/* First stand the runs, then the records of its own, whose offsets count from the start of bytes. */
struct draft_rrset {
	uint16_t type;
	uint16_t part; /* of enum entry_part, if it is one */
	uint16_t pick;
	uint32_t ttl, n, rotation;
	bool is_fair, names_services;
	struct buf runs;
	uint32_t n_copied; /* records in runs */
	size_t copied;     /* their octets */
	struct buf records, targets, bytes;
	struct buf weights; /* an octet a record, or empty; not along with runs */
};

struct draft {
	struct draft_rrset *rrset; /* first, or allocated */
	uint16_t n, cap;
	struct draft_rrset first[DRAFT_RRSETS];
};

void draft_init(struct draft *d) CMAP_NONNULL;
struct draft_rrset *draft_add(struct draft *d, uint16_t type,
	uint32_t ttl) CMAP_NONNULL;
/* The last one added, still without records, is not wanted. */
void draft_drop(struct draft *d) CMAP_NONNULL;
/* Adds a record with rdata of len octets. */
void draft_record(struct draft_rrset *s, uint32_t slot, const void *rdata,
	uint16_t len) CMAP_NONNULL;
/* The same, of an instance, or several, with that weight. */
void draft_instance(struct draft_rrset *s, uint32_t slot, uint8_t weight,
	const void *rdata, uint16_t len) CMAP_NONNULL;
/* Adds the run, which is copied by draft_assemble(). Before any draft_record(). */
void draft_copy(struct draft_rrset *s, const struct draft_run *run) CMAP_NONNULL;
/* Of a draft that becomes no entry. */
void draft_free(struct draft *d) CMAP_NONNULL;
/* The entry; d is used up. */
struct entry *draft_assemble(struct draft *d, const struct compile_source *source,
	const struct published *p) CMAP_NONNULL;

/* SOA and NS of the zone. (compile_static.c) */
void compile_apex(struct draft *d, const struct compile_source *source,
	const struct zone_options *options) CMAP_NONNULL;
/* The names of the instances that have the address. (compile_reverse.c) */
void compile_reverse(struct draft *d, const struct compile_source *source,
	const struct zone_options *options, struct published *p,
	struct compiled *out) CMAP_NONNULL;
/* The SRV records of a named port. (compile_ports.c) */
void compile_ports(struct draft *d, const struct compile_source *source,
	const struct zone_options *options) CMAP_NONNULL;
/* A list of services, or the TXT record of one that is listed. (compile_browse.c) */
void compile_browse(struct draft *d, const struct compile_source *source,
	const struct zone_options *options, struct published *p) CMAP_NONNULL;
/* What the zone file has at the name and no registration hides. (compile_static.c) */
void compile_statics(struct draft *d, const struct compile_source *source) CMAP_NONNULL;
/* A delegation: the name's NS records, their addresses, and DS. (compile_static.c) */
void compile_cut(struct draft *d, const struct compile_source *source) CMAP_NONNULL;

#endif
