/* SPDX-License-Identifier: MIT */
/*
 * outcome.h -- what a query has come to, whoever has answered it: how it is counted, and as what replies are limited.
 */
#ifndef SERVER_OUTCOME_H
#define SERVER_OUTCOME_H

#include <stdbool.h>

#include "base/counter.h"
#include "server/limit.h"
#include "wire/dns.h"

struct outcome {
	uint16_t rcode;
	bool has_answer; /* there are records in that section */
	bool is_cut;     /* TC */
};

/* That of a reply without upper bits of an RCODE, as the forwarder's are. */
static inline struct outcome outcome_read(const uint8_t *reply)
{
	uint16_t flags = dns_get16(reply + 2);

	return (struct outcome){.rcode = flags & 0xF,
		.has_answer = dns_get16(reply + 6) > 0,
		.is_cut = (flags & DNS_TC) != 0};
}

static inline void outcome_count(struct outcome o, struct counters *c)
{
	static const enum counter by_rcode[] = {[DNS_FORMERR] = COUNTER_FORMERR,
		[DNS_NXDOMAIN] = COUNTER_NXDOMAIN,
		[DNS_NOTIMP] = COUNTER_NOTIMP,
		[DNS_REFUSED] = COUNTER_REFUSED};
	enum counter which = COUNTER_OTHER_RCODE;

	if (o.rcode == DNS_NOERROR)
		which = o.has_answer ? COUNTER_NOERROR : COUNTER_NODATA;
	else if (o.rcode < CMAP_COUNT(by_rcode) && o.rcode != DNS_SERVFAIL)
		which = by_rcode[o.rcode];
	counter_add(c, which, 1);
	if (o.is_cut)
		counter_add(c, COUNTER_TRUNCATED, 1);
}

static inline enum limit_kind outcome_kind(struct outcome o)
{
	if (o.rcode == DNS_NOERROR && o.has_answer)
		return LIMIT_DATA;
	return o.rcode == DNS_NOERROR || o.rcode == DNS_NXDOMAIN ? LIMIT_NEGATIVE
								 : LIMIT_ERROR;
}

#endif
