/* SPDX-License-Identifier: MIT */
/*
 * export.h -- a whole zone as the text of a zone file, registrations included, page by page.
 *
 * It holds what is published, with nothing left out of an RRset that answers give in parts: SOA first, then name by
 * name in the order they came to be. Of several CNAMEs that take turns there is the first. Beside that, the addresses
 * that referrals bring along. A record whose lease has ended is left out, and TTLs are those an answer would have.
 * Names that stay are there once; those that come or go between two pages may or may not be.
 *
 * Thread: the control thread.
 */
#ifndef ZONE_EXPORT_H
#define ZONE_EXPORT_H

#include "zone/zone.h"

#define EXPORT_PAGE_NAMES 2000 /* a page ends behind so many, */
#define EXPORT_PAGE_OCTETS                                                             \
	524288 /* or behind the name that brings it to so much text */

struct export_reader {
	int64_t now_ms;
	/*
	 * Called for each record of the page; the texts, as a zone file has them, are borrowed. Names end in a dot. The
	 * records of one RRset come one behind the other.
	 */
	void (*take)(void *arg, const char *name, const char *type, uint32_t ttl,
		const char *data);
	void *arg;
};

/*
 * The page behind cursor, "" being the first; next gets the cursor for the page behind it, and stays empty if that was
 * the last. CMAP_E_INVALID: cursor is none of this zone's. CMAP_E_NOT_FOUND: ns has no DNS.
 */
int zone_export(const struct zone *z, const struct namespace *ns, const char *cursor,
	const struct export_reader *reader,
	struct buf *next) CMAP_NONNULL CMAP_MUST_USE;

#endif
