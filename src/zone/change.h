/* SPDX-License-Identifier: MIT */
/*
 * change.h -- the records that come to a service's name, or a named port's, and leave it with its instances.
 *
 * Compiling a name looks at every instance of its service. While nothing else has happened to it than that a few
 * instances came or left, the entry it has is copied instead, without the records that left
 * and with those that came at the ends of their rings: what a registration costs then hardly depends on the
 * number of instances.
 *
 * Owner:  a name's node; the changes hold copies of what they need.
 * Thread: the control thread.
 */
#ifndef ZONE_CHANGE_H
#define ZONE_CHANGE_H

#include "base/buf.h"
#include "zone/compile.h"

enum { CHANGE_INSTANCES_MIN = 64 }; /* of fewer, all are compiled */

/* instance.marks */
enum change_mark {
	MARK_SHOWN = 1,       /* its records are published, or about to be */
	MARK_SHARED_IPV4 = 2, /* others of its service have the same address */
	MARK_SHARED_IPV6 = 4,
	MARK_TWIN = 8 /* another has its addresses and its port */
};

struct changes {
	struct buf list; /* of struct change, each with its data behind it */
	uint32_t n;
};

enum change_kind { CHANGE_LEAVES, CHANGE_COMES };

/*
 * Notes the records of i at the name of its service (wire form, lower case). false: they are too many,
 * or not of a kind that can be noted, and the name is to be compiled.
 */
bool changes_note(struct changes *c, const struct instance *i, enum change_kind kind,
	const uint8_t *name, uint8_t name_len) CMAP_NONNULL CMAP_MUST_USE;

/* The same of its record at the name of a named port, key, of its service (name in wire form, lower case). */
bool changes_note_port(struct changes *c, const struct instance *i,
	enum change_kind kind, const char *key, const uint8_t *service,
	uint8_t service_len) CMAP_NONNULL CMAP_MUST_USE;

/* A new entry: old, changed. NULL: it is to be compiled. */
struct entry *changes_apply(const struct changes *c, const struct entry *old,
	const struct compile_source *source,
	const struct published *p) CMAP_NONNULL CMAP_MUST_USE;

/* NULL is fine. */
void changes_free(struct changes *c);

#endif
