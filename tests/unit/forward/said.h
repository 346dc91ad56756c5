/* SPDX-License-Identifier: MIT */
/*
 * said.h -- what upstreams say, written as text, and questions to go with it.
 *
 * The text is what oracle_describe() gives: "NOERROR aa ra", then a line for each record, with "?", "=", "-" and "+" in
 * front for question, answer, authority and additional. A word "edns" in the first line stands for an OPT record,
 * "extended=N" for one with the upper bits of an RCODE, "do" for its flag. ldns makes the octets.
 */
#ifndef TESTS_UNIT_FORWARD_SAID_H
#define TESTS_UNIT_FORWARD_SAID_H

#include "forward/request.h"
#include "wire/dns.h"

#define SAID_ID 0x1234

/* The message's octets, of id SAID_ID; returns how many. Ends the program if text is no such text. */
size_t said(const char *text, uint8_t out[DNS_MESSAGE_MAX]);

struct forward_question asked_for(const char *name, uint16_t type);

/* A request in one block, as a server hands it over. */
struct asker {
	struct forward_request request;
	uint8_t octets[1024];
};

/*
 * The query was for name, in that case and with RD; prefix: the CNAMEs that led to q, in octets.h's notation, NULL for
 * none; opt: octets of the OPT record, NULL for none.
 */
void asker_init(struct asker *a, const char *name, const struct forward_question *q,
	uint16_t n_cnames, const char *prefix, const char *opt, uint16_t limit);
/* Puts marks, in octets.h's notation, behind it. */
void asker_mark(struct asker *a, const char *marks);

#endif
