/* SPDX-License-Identifier: MIT */
/*
 * static.h -- the records of one zone file, read and checked, before they hang in the tree of names.
 *
 * Shape:  owners by name, each with its RRsets; an RRset's records lie back to back, each its length (two
 *         octets, as on the wire) and its data. One TTL an RRset, the least of its records' (RFC 2181 s5.2);
 *         a record that is there twice is kept once. The apex always has an owner.
 * Owner:  whoever reads it, until zone_set_static() takes it over.
 * Source: RFC 1035 s5, RFC 2181 s10.1 (CNAME), RFC 4592 s4.2 (NS and wildcards).
 */
#ifndef ZONE_STATIC_H
#define ZONE_STATIC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"
#include "wire/dname.h"

#define STATIC_FILE_MAX   ((size_t)256 << 20) /* octets of a file */
#define STATIC_RRSETS_MAX 200                 /* of one owner */
#define STATIC_RRSET_MAX  65000 /* octets in an answer: more would fit no message */

struct static_rrset {
	uint16_t type;
	bool told; /* that a registration stands in its place */
	uint32_t ttl;
	uint32_t n;        /* records */
	unsigned int line; /* of the first */
	struct buf records;
};

struct static_zone;

struct static_owner {
	struct static_zone *zone;
	struct static_rrset *rrset;
	uint16_t n;
	bool is_cut;  /* it has NS and is not the apex: a delegation */
	bool rotates; /* it has more than one A, AAAA or SRV record */
	bool covered; /* it lies in another namespace, which answers for it */
	UT_hash_handle hh;
	uint8_t name_len;
	uint8_t name[]; /* wire form, lower case */
};

struct static_zone {
	char *path;                  /* for messages */
	struct dname apex;           /* lower case */
	struct static_owner *owners; /* by name, in the file's order */
	struct static_owner *at_apex;
	uint32_t n_cuts;
	uint32_t n_covered;
};

/*
 * Reads len octets of text. CMAP_E_INVALID with *why, "PATH:LINE: what is wrong". apex: the zone's name.
 */
int static_read_text(const char *path, const char *text, size_t len,
	const struct dname *apex, struct static_zone **out,
	struct buf *why) CMAP_NONNULL CMAP_MUST_USE;
/* The same from a file. CMAP_E_NOT_FOUND if there is none, which may be well; else *why is set. */
int static_read_file(const char *path, const struct dname *apex,
	struct static_zone **out, struct buf *why) CMAP_NONNULL CMAP_MUST_USE;
/* NULL is fine. */
void static_free(struct static_zone *z);

/* name: wire form, lower case. NULL if the file does not have it. */
struct static_owner *static_find(const struct static_zone *z, const uint8_t *name,
	size_t len) CMAP_NONNULL;
struct static_rrset *static_rrset(const struct static_owner *o,
	uint16_t type) CMAP_NONNULL;

/* Goes over an RRset's records: *at begins at 0; false behind the last. */
static inline bool static_next(const struct static_rrset *s, size_t *at,
	const uint8_t **rdata, uint16_t *len)
{
	const uint8_t *p = (const uint8_t *)s->records.data + *at;

	if (*at == s->records.len)
		return false;
	*len = (uint16_t)(p[0] << 8 | p[1]);
	*rdata = p + 2;
	*at += 2u + *len;
	return true;
}

#endif
