/* SPDX-License-Identifier: MIT */
/*
 * fixture.h -- the real registry over a store in memory and a fake clock, for the tests of this room; and
 * clients that talk to it over TCP on the loopback, all in one thread.
 *
 * Ids are random. In what is sent, NSID and SRVID stand for those of the first namespace and service; in what comes
 * back these are put in their place again, and all other ids become ns-*, srv-*, Z* and op-*.
 */
#ifndef TESTS_API_FIXTURE_H
#define TESTS_API_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "api/api.h"
#include "api/operations.h"
#include "base/buf.h"
#include "base/clock.h"
#include "store/store_mem.h"
#include "zone/zone.h"

struct fixture {
	struct clock_fake clock; /* begins at 1,000,000 ms; wall 1516925490.087 */
	struct loop loop;
	struct store_mem_disk *disk;
	struct store *store;
	struct zone *zone;
	struct registry *registry;
	struct api_options options;
	struct call_context context;
	struct api *api; /* after fixture_serve() */
	uint16_t port;
	bool stuck; /* the store delivers nothing while this is set */
	bool answered;
	char ns_id[MODEL_ID_TEXT], srv_id[MODEL_ID_TEXT];
	struct buf text; /* of the last answer */
};

void fixture_init(struct fixture *f);
void fixture_free(struct fixture *f);
/* Namespace "prod", in it service "x" with A records: NSID and SRVID. */
void fixture_fill(struct fixture *f);
/* Registers id in SRVID with that address; lease: "30s", or NULL. */
void fixture_register(struct fixture *f, const char *id, const char *ip,
	const char *lease);
/* Time passes, and what is due is done. */
void fixture_pass(struct fixture *f, int64_t ms);

/*
 * One call without HTTP: "200 {...}". target without a dot is one of Cloud Map's. The text is the fixture's until the
 * next call.
 */
const char *fixture_call(struct fixture *f, const char *target, const char *body);
/* The same, where ' stands for " in body. */
const char *fixture_ask(struct fixture *f, const char *target, const char *body);
/* ... and answer begins so. */
void fixture_expect_ask(struct fixture *f, const char *target, const char *body,
	const char *answer);
/* The same for any bytes. */
const char *fixture_call_bytes(struct fixture *f, const char *target, const char *body,
	size_t len);
/* The call must be answered so, to the octet. */
void fixture_expect(struct fixture *f, const char *target, const char *body,
	const char *answer);

/* Adds text with NSID and SRVID replaced; and the other way round. */
void fixture_put_ids(const struct fixture *f, const char *text, struct buf *out);
void fixture_mask(struct fixture *f, const char *raw, struct buf *out);

/* ---- HTTP ---- */

void fixture_serve(struct fixture *f, uint32_t max_connections, int64_t deadline_ms);
int fixture_connect(struct fixture *f);
/* Without letting the server take notice. */
int fixture_connect_only(struct fixture *f);
/* Sends text, NSID and SRVID replaced, without waiting for anything. */
void fixture_send(struct fixture *f, int fd, const char *text);
void fixture_send_bytes(int fd, const void *bytes, size_t len);
/* A POST of body to target. */
void fixture_post(struct fixture *f, int fd, const char *target, const char *body);
/* Lets the server do all it can do now. */
void fixture_pump(struct fixture *f);
/*
 * The next whole answer on fd: its status line and the headers that the API is about, a line each, an empty line,
 * the body. "closed" if the connection has ended, "nothing" if no answer comes. The text is the fixture's.
 */
const char *fixture_answer(struct fixture *f, int fd);
/* The same to a HEAD. */
const char *fixture_answer_head(struct fixture *f, int fd);
/* Open, and nothing to read on it. */
bool fixture_is_silent(struct fixture *f, int fd);

#endif
