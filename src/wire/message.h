/* SPDX-License-Identifier: MIT */
/*
 * message.h -- records of a message that came from somebody else, and copies of them in a message of ours.
 *
 * Shape:  a reader walks the records of a message; names in them, compressed or not, come out whole. A writer puts
 *         records behind one another and compresses their names anew.
 * Errors: both are sticky: once a reader is bad or a writer full, it stays so, and nothing more is read or written.
 * Source: RFC 1035 s4.1.3, s4.1.4; RFC 3597 s4 (in which types names may be compressed); RFC 9267 (how
 *         others got it wrong).
 */
#ifndef WIRE_MESSAGE_H
#define WIRE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/dname.h"

#define MESSAGE_NAMES_MAX 64 /* that a writer remembers, to point at them */

/*
 * The name that begins at offset at of the len octets at message, as it was written. Returns the offset behind it; 0 if
 * it runs out of the message, is too long, a pointer in it does not point backward, or there are more than 127.
 */
size_t message_name(const uint8_t *message, size_t len, size_t at,
	struct dname *out) CMAP_NONNULL;

struct message_reader {
	const uint8_t *base;
	size_t len;
	size_t at; /* the next record begins here */
	bool bad;
};

struct message_record {
	struct dname owner;
	uint16_t type, class;
	uint32_t ttl; /* 0 if it came with the upper bit set: RFC 2181 s8 */
	size_t rdata; /* offset in the message */
	uint16_t rdata_len;
};

/* The next record; false if it does not parse, which leaves the reader bad. */
bool message_read(struct message_reader *r, struct message_record *out) CMAP_NONNULL;
/*
 * The name that stands skip octets behind the beginning of rec's data. Returns how many octets of the data lie before
 * its end; 0 if none ends there.
 */
size_t message_read_target(const struct message_reader *r,
	const struct message_record *rec, size_t skip, struct dname *out) CMAP_NONNULL;

struct message_writer {
	uint8_t *base;
	size_t len, limit;
	bool full;
	uint16_t n_names;
	uint16_t name[MESSAGE_NAMES_MAX];    /* offsets of names and of their tails */
	uint8_t name_len[MESSAGE_NAMES_MAX]; /* of each, whole */
};

/* Remembers the name that stands, uncompressed, at offset at of what is written already. */
void message_know_name(struct message_writer *w, size_t at) CMAP_NONNULL;
/*
 * Writes rec, read by r, and sets *ttl_at to the offset of its TTL. false: it does not fit, or what r says of it
 * does not parse (then r is bad); nothing is written.
 */
bool message_write(struct message_writer *w, struct message_reader *r,
	const struct message_record *rec, size_t *ttl_at) CMAP_NONNULL;

#endif
