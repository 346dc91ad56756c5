/* SPDX-License-Identifier: MIT */
/*
 * request.h -- a query that somebody else's servers are to answer, and how the reply to it is made.
 *
 * Shape:  octets holds three parts, back to back: the reply as far as it is known (header, question as it was
 *         asked, and the CNAMEs that led to a name outside our zones), the OPT record that the reply is to end with, and
 *         the marks of the forwarders that the query has come by.
 * Owner:  whoever made it, until forward_submit(); then the forwarder, until done(), which gets it back.
 */
#ifndef FORWARD_REQUEST_H
#define FORWARD_REQUEST_H

#include "base/inbox.h"
#include "forward/image.h"

struct forward_request {
	struct inbox_msg msg;
	struct forward_request *next; /* the forwarder's: who waits for the same */
	/*
	 * On the forwarder's thread: len octets at reply are to be sent, which last until done() returns. len 0: it is
	 * going down, nothing is to be sent.
	 */
	void (*done)(struct forward_request *r, const uint8_t *reply, size_t len);
	/* Called after it, once for many, when the thread is about to wait; NULL: there is no need. */
	void (*rest)(void);
	struct forward_question question;
	bool wants_fresh; /* what is kept of an earlier answer does not do, fresh or stale */
	uint16_t limit; /* octets that the reply may have */
	uint16_t prefix_len, opt_len, marks_len;
	uint8_t *octets;
};

/* What there is to say, beside the image. */
struct forward_saying {
	uint16_t rcode;
	uint16_t ede; /* 0: none */
	uint32_t age; /* seconds that are to come off each TTL */
	uint32_t ttl; /* in place of each TTL; 0: their own */
	uint32_t
		turn; /* how often this has been said: addresses move on by one each time */
};

/* Makes the reply to r in out, which has room for r->limit octets. image may be NULL. Returns its octets. */
size_t forward_reply(const struct forward_request *r, const struct image *image,
	const struct forward_saying *say, uint8_t *out)
	__attribute__((nonnull(1, 3, 4)));
/* As little as tells to come over TCP: the question and the OPT record, with TC. Returns its octets. */
size_t forward_reply_cut(const struct forward_request *r, uint8_t *out) CMAP_NONNULL;

#endif
