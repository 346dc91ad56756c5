/* SPDX-License-Identifier: MIT */
/* ask.h -- well-formed queries to a town, and its replies as text (oracle.h). */
#ifndef TESTS_UNIT_SERVER_ASK_H
#define TESTS_UNIT_SERVER_ASK_H

#include "town.h"

struct question {
	const char *name; /* plain text */
	uint16_t type;
	uint16_t edns;   /* UDP size offered; 0: no OPT */
	uint16_t flags;  /* of the header */
	uint8_t version; /* of EDNS */
	bool dnssec_ok, is_tcp;
};

/* The query's octets, of id 0x1234; returns how many. */
size_t question_write(const struct question *q, uint8_t out[DNS_UDP_MIN]);
/* Has the town answer; the text lives until the next question of this thread. */
const char *town_ask(struct town *t, const struct question *q);
/* Over UDP, without EDNS. */
const char *town_ask_plain(struct town *t, const char *name, uint16_t type);

#endif
