/* SPDX-License-Identifier: MIT */
/*
 * zonetext.h -- zone files (RFC 1035 s5) to records in wire form, and back.
 *
 * Cutting, owners, TTLs and classes are ours; the data of most types is read and written by ldns, whose result
 * is checked: numbers that do not fit, names that are too long and text that is left over are errors.
 * $ORIGIN and $TTL are known, $INCLUDE and $GENERATE refused; so is any class but IN. A record
 * without a TTL has that of $TTL, else the last one's, else, being the SOA, its MINIMUM. Any type can be
 * given as TYPE123 with data as \# LENGTH HEX (RFC 3597).
 *
 * Cost:   some microseconds a record; memory is allocated. Not for the path of a query.
 */
#ifndef WIRE_ZONETEXT_H
#define WIRE_ZONETEXT_H

#include <stdint.h>

#include "base/buf.h"
#include "wire/dname.h"

#define ZONETEXT_TTL_MAX   2147483647u /* RFC 2181 s8 */
#define ZONETEXT_TYPE_NAME 24          /* of its text, NUL included */

struct zonetext_record {
	const struct dname *owner;
	uint16_t type;
	uint16_t rdata_len;
	uint32_t ttl;
	const uint8_t *rdata;
	unsigned int line; /* where it begins */
};

struct zonetext_reader {
	const struct dname *origin; /* until the first $ORIGIN */
	/* Called for each record, in order, all of it borrowed; an error but for CMAP_OK ends the reading. */
	int (*take)(void *arg, const struct zonetext_record *r, struct buf *why);
	void *arg;
};

/* CMAP_E_INVALID, or what take() returned, with *line and *why set. */
int zonetext_read(const struct zonetext_reader *reader, const char *text, size_t len,
	unsigned int *line, struct buf *why) CMAP_NONNULL CMAP_MUST_USE;

/*
 * The type and data of a record as any server's zone file may have them: type_name is filled, the data added to out,
 * all names in full. What does not fit the type, and types that not every server knows or writes alike, come
 * out as TYPE123 \# LENGTH HEX.
 */
void zonetext_write(uint16_t type, const uint8_t *rdata, uint16_t len,
	char type_name[ZONETEXT_TYPE_NAME], struct buf *out) CMAP_NONNULL;
/* "AAAA", or "TYPE65400": for messages. */
void zonetext_type_name(uint16_t type, char out[ZONETEXT_TYPE_NAME]) CMAP_NONNULL;

#endif
