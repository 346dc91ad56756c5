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

/* Offsets of the records count from the start of bytes. */
struct draft_rrset {
	uint16_t type;
	uint16_t part; /* of enum entry_part, if it is one */
	uint16_t pick;
	uint32_t ttl, n, rotation;
	bool leased, is_fair;
	struct buf records, targets, bytes;
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
/* Adds the n records of from, in e, that begin with the one at. */
void draft_copy(struct draft_rrset *s, const struct entry *e, const struct rrset *from,
	uint32_t at, uint32_t n) CMAP_NONNULL;
/* Of a draft that becomes no entry. */
void draft_free(struct draft *d) CMAP_NONNULL;
/* The entry; d is used up. */
struct entry *draft_assemble(struct draft *d, const struct compile_source *source,
	const struct published *p) CMAP_NONNULL;

/* SOA and NS of the zone. (compile_static.c) */
void compile_apex(struct draft *d, const struct compile_source *source,
	const struct zone_options *options) CMAP_NONNULL;
/* What the zone file has at the name and no registration hides. (compile_static.c) */
void compile_statics(struct draft *d, const struct compile_source *source) CMAP_NONNULL;
/* A delegation: the name's NS records, their addresses, and DS. (compile_static.c) */
void compile_cut(struct draft *d, const struct compile_source *source) CMAP_NONNULL;

#endif
