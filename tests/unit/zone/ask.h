/* SPDX-License-Identifier: MIT */
/*
 * ask.h -- what a reader finds, as a line of text.
 *
 *	"A 60 10.0.0.1 10.0.0.2"                              type, TTL, the records in their order
 *	"SRV 30 1:80:i-1.web.local. + A 30 10.0.0.1"          weight, port, target; additional records
 *	"SOA 5 ns.test. hostmaster.local. 7 7200 900 1209600 5"
 *	"TXT 60 00"                                           the length of the first string
 *	"empty"      the RRset is there, no record of it may be given
 *	"nodata"     the name is there, not the RRset
 *	"unknown 14" nor is it known whether there is one; why, as an EDE
 *	"none"       no such name
 */
#ifndef TESTS_UNIT_ZONE_ASK_H
#define TESTS_UNIT_ZONE_ASK_H

#include "world.h"
#include "zone/answer.h"

/* One reader thread's state. */
struct asker {
	struct world *world;
	struct rotation rotation;
	struct client client; /* not known */
	size_t limit;         /* octets for records */
	bool truncated;       /* the last answer was */
	char text[8192];
};

/* One reader, and a world with the namespace "test" and one service in it. */
struct fixture {
	struct world world;
	struct asker asker;
};

/* service and records as in world_service(). */
void fixture_start(struct fixture *f, const char *service, const char *records);
void fixture_end(struct fixture *f);

void asker_init(struct asker *a, struct world *w);
void asker_free(struct asker *a);
/* At w->now_ms; the text lives until the next question. */
const char *ask(struct asker *a, const char *name, uint16_t type);
/* The same of an entry found before. */
const char *ask_entry(struct asker *a, const struct entry *e, uint16_t type);
const struct entry *ask_find(const struct asker *a, const char *name);
/* Records of the RRset; 0 if it is not there. */
uint32_t ask_count(const struct asker *a, const char *name, uint16_t type);

#endif
