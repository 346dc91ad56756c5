/* SPDX-License-Identifier: MIT */
/*
 * town.h -- a registry of some names of every kind, and a responder that answers for it.
 *
 * In corp.internal, published as serial 1:
 *	one       A=60, one instance 10.0.0.1
 *	web       A=60, 10.0.1.1 to 10.0.1.3
 *	six       AAAA=60, fd00::1
 *	api       SRV=30, "i-1" 10.0.2.1 port 8001, "i-2" 10.0.2.2 and fd00::2:2 port 8002
 *	empty     A=60 without instances
 *	leased    A=60, 10.0.3.1 for 10 s, 10.0.3.2 for 30 s
 *	_http._tcp.ent    A=60, 10.0.4.1: "_tcp.ent" and "ent" are empty non-terminals
 *	many      A=60 SRV=60, 100 instances i-0 to i-99, 10.1.0.K and fd01::K, port 1000 + K
 *	alias     CNAME=10 to one; alias2 to alias; foreign to www.example.com; broken to nope.corp.internal;
 *	          hollow to empty; loop-a to loop-b and back; self to itself
 *	c-0       CNAME=10 to c-1, and so on to c-19, which is one
 * and inner.corp.internal, a namespace of its own with SOA TTL 7, in it "web", 10.9.9.9.
 */
#ifndef TESTS_UNIT_SERVER_TOWN_H
#define TESTS_UNIT_SERVER_TOWN_H

#include "server/respond.h"
#include "world.h"

#define TOWN     "corp.internal"
#define TOWN_SOA "hostmaster." TOWN

enum { TOWN_CHAIN = 20 };

struct town {
	struct world world;
	struct counters counters;
	struct responder responder;
	uint8_t reply[DNS_MESSAGE_MAX]; /* the last one */
	size_t reply_len;
};

/* answers: as in zone_options. */
void town_init(struct town *t, uint16_t answers);
void town_free(struct town *t);
/* Answers the len octets into t->reply; ends the program if the oracle finds a fault in the reply. */
void town_respond(struct town *t, const uint8_t *query, size_t len, bool is_udp);

#endif
