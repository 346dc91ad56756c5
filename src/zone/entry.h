/* SPDX-License-Identifier: MIT */
/*
 * entry.h -- what is published of one name: its RRsets as wire bytes, made once by compile.c.
 *
 * Shape:  one block of memory that points at nothing outside itself. Behind the struct stand the name, the
 *         RRsets, and for each RRset its records' index (n + 1 of them: a record ends where the next begins), the
 *         targets of SRV records, and the records. A record begins with the pointer 0xC00C to the
 *         question's name, so its bytes fit behind any question. Offsets count from the entry.
 *         An entry without RRsets is a name that exists and has no data, unless some are unknown. What is not an RRset of the
 *         name stands among them as a part, under a type that no query can ask for.
 * Units:  ttl in seconds.
 * Owner:  the published table; readers borrow until their next quiescent state.
 * Source: RFC 1035 s4.1.3, s4.1.4; RFC 2782.
 */
#ifndef ZONE_ENTRY_H
#define ZONE_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "zone/grace.h"

#define ENTRY_OWNER_POINTER                                                            \
	0xC00Cu /* the question's name stands right behind the header */

struct record {
	uint32_t offset; /* of its bytes */
	uint32_t slot;   /* of its lease; 0: none */
};

/* The addresses of an SRV record's target, for the additional section. */
struct target {
	bool has_ipv4, has_ipv6;
	uint8_t ipv4[4];
	uint8_t ipv6[16];
};

struct rrset {
	uint16_t type;
	uint16_t pick; /* records in one answer, at most; 0: all */
	uint32_t ttl;
	uint32_t n; /* records, at least 1 */
	uint32_t
		rotation; /* number of the readers' counter that says where an answer begins */
	uint32_t records; /* offset of struct record[n + 1] */
	uint32_t targets; /* offset of struct target[n]; 0 but for SRV */
	/*
	 * Offset of uint32_t[1 + k]: k, then the numbers of the records in the order in which they come first
	 * (schedule.h); 0: each in its turn.
	 */
	uint32_t schedule;
	bool leased;         /* some record has a lease */
	bool is_fair;        /* followers are chosen for the client: see answer.h */
	bool names_services; /* PTR: what they name is told along: see listed.h */
};

/*
 * Who sees a name. Each view of the configuration has a bit; whoever is in none is outside. Where there are no
 * views, everybody sees all. Of one name there may be several entries, of which nobody sees two: each namespace of that
 * name has one, in a plane of its own, or several variants, where views find something different.
 */
#define VIEWS_MAX    15
#define VIEW_OUTSIDE ((uint16_t)1 << VIEWS_MAX)
#define VIEWS_ALL    ((uint16_t)0xFFFF)

/* respond() refuses queries for these types before it looks for a name. */
enum entry_part {
	ENTRY_NEGATIVE_SOA =
		250, /* the apex's SOA with the TTL of negative answers; always first */
	ENTRY_REFERRAL = 251, /* a delegation's NS; always first */
	ENTRY_GLUE = 253      /* addresses for it: see referral.h */
};

enum entry_flag {
	ENTRY_CUT = 1,      /* a delegation: nothing below is ours */
	ENTRY_WILDCARD = 2, /* there may be an entry "*" right below */
	ENTRY_NETWORKS =
		4 /* names of IPv6 networks below exist that have no entry: see reverse.h */
};

struct entry {
	struct retired retired;
	uint64_t hash; /* of the name in lower case */
	uint8_t name_len;
	uint8_t apex_len; /* the last apex_len octets of the name are its zone's apex */
	uint8_t n_rrsets;
	uint8_t flags;   /* of enum entry_flag */
	uint16_t views;  /* who sees it */
	uint16_t plane;  /* see private.h */
	uint32_t rrsets; /* offset of struct rrset[n_rrsets] */
	/*
	 * Of A and of AAAA: 0, or there may be more addresses than these, and why they are not known (RFC 8914). So that
	 * there are none cannot be said.
	 */
	uint8_t unknown[2];
	uint8_t variant; /* 0, 1, ... of those of its name and plane */
	uint8_t name[];  /* lower case */
};

static inline const void *entry_at(const struct entry *e, uint32_t offset)
{
	return (const uint8_t *)e + offset;
}

static inline const struct rrset *entry_rrsets(const struct entry *e)
{
	return entry_at(e, e->rrsets);
}

static inline bool entry_is_apex(const struct entry *e)
{
	return e->name_len == e->apex_len;
}

static inline bool entry_is_part(uint16_t type)
{
	return type == ENTRY_NEGATIVE_SOA || type == ENTRY_REFERRAL ||
	       type == ENTRY_GLUE;
}

/* The RRset of that type, or NULL. */
static inline const struct rrset *entry_find(const struct entry *e, uint16_t type)
{
	const struct rrset *s = entry_rrsets(e);

	for (uint8_t i = 0; i < e->n_rrsets; i++)
		if (s[i].type == type)
			return &s[i];
	return 0;
}

/* The first RRset that is one of the name, or NULL. */
static inline const struct rrset *entry_first(const struct entry *e)
{
	const struct rrset *s = entry_rrsets(e);

	for (uint8_t i = 0; i < e->n_rrsets; i++)
		if (!entry_is_part(s[i].type))
			return &s[i];
	return 0;
}

#endif
