/* SPDX-License-Identifier: MIT */
/*
 * image.h -- what an upstream resolver said to one question, kept as octets that fit behind that question.
 *
 * An upstream's message is read whole, and only what answers the question is taken over: the chain of CNAMEs that
 * begins at its name, the records at the chain's end, the SOA of a zone above it where there are none, addresses of the
 * names that SRV and MX records give, and with DO the records that prove all that. Whatever else it holds is left behind.
 *
 * Shape:  records as they stand in a message whose question has a name of that length, whatever its case: pointers
 *         count from the header. Before them an index: where each begins, and where its TTL is.
 * Units:  ttl in seconds.
 * Owner:  who called image_read(); one block, to be freed.
 * Source: RFC 1034 s5.3.3, RFC 2308 s2, s5 (negative answers), RFC 5452 s3, s9.1 (what an answer must match),
 *         RFC 6891 s6.1.3 (the upper bits of the RCODE).
 */
#ifndef FORWARD_IMAGE_H
#define FORWARD_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/dname.h"

/* A question, as upstreams are asked. No octet lies between its members: up to the name's end they are a key. */
struct forward_question {
	uint16_t type, class;
	bool dnssec_ok;
	bool checking_disabled;
	struct dname name; /* in lower case */
};

struct image_record {
	uint16_t at;     /* where it begins */
	uint16_t ttl_at; /* offset of its TTL */
};

struct image {
	uint16_t rcode; /* NOERROR or NXDOMAIN */
	uint16_t n_answer, n_authority, n_additional;
	uint32_t ttl;        /* how long it may be kept; 0: not at all */
	uint16_t begin, end; /* offsets in the message: its records */
	/* The last n_ring answers are addresses, of ring_size octets each: they may be given in any order. */
	uint16_t n_ring, ring_size;
	struct image_record record[]; /* of all sections; behind them, the octets */
};

enum image_verdict {
	IMAGE_OK,
	IMAGE_FOREIGN, /* no reply to this question */
	IMAGE_CUT,     /* the reply is longer than what it came in: TC */
	IMAGE_BROKEN,  /* a reply that does not parse, or leads nowhere */
	IMAGE_NO_EDNS, /* the upstream knows nothing of EDNS: RFC 6891 s7 */
	IMAGE_REFUSED  /* SERVFAIL, REFUSED and whatever else is no answer */
};

/* Reads the len octets at message as the reply to q, sent with that id. *out is set if they are. */
enum image_verdict image_read(const struct forward_question *q, uint16_t id,
	const uint8_t *message, size_t len,
	struct image **out) CMAP_NONNULL CMAP_MUST_USE;

static inline uint16_t image_records(const struct image *i)
{
	return (uint16_t)(i->n_answer + i->n_authority + i->n_additional);
}

/* The octets of the records: i->end - i->begin of them. */
static inline const uint8_t *image_octets(const struct image *i)
{
	return (const uint8_t *)(i->record + image_records(i));
}

/* Octets of memory that it takes. */
static inline size_t image_size(const struct image *i)
{
	return sizeof(*i) + image_records(i) * sizeof(i->record[0]) +
	       (size_t)(i->end - i->begin);
}

#endif
