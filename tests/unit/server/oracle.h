/* SPDX-License-Identifier: MIT */
/*
 * oracle.h -- a second opinion, ldns', of every reply that is made in tests.
 *
 * It uses nothing of wire/.
 */
#ifndef TESTS_UNIT_SERVER_ORACLE_H
#define TESTS_UNIT_SERVER_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct oracle_case {
	const uint8_t *query;
	size_t query_len;
	bool is_udp;
	uint16_t udp_size; /* of the responder */
	bool is_limited; /* it may be over a rate limit: cut short, empty, or silence */
	const uint8_t *reply;
	size_t reply_len; /* 0: silence */
};

/*
 * What is wrong with the reply to this query, in a few words; NULL if nothing is: it is due, is a message for
 * ldns from its first to its last octet, has the counts its header says, the question as it came, no longer
 * than allowed, no flag that is never set, one TTL per RRset, no record twice, the SOA where data is missing,
 * addresses in ADDITIONAL of what the answer names, and no data beside an error.
 */
const char *oracle_fault(const struct oracle_case *c);
/*
 * The reply as text, added to *out: "NOERROR qr aa rd edns=1232" and a line for each record, with "?", "=",
 * "-" and "+" in front for question, answer, authority and additional.
 */
void oracle_describe(const uint8_t *reply, size_t len, struct buf *out);

#endif
