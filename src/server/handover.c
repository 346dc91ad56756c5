/* SPDX-License-Identifier: MIT */
#include "server/handover.h"

#include <string.h>

enum {
	MARKS_MAX = 256 /* octets; whoever has come by so many goes round in circles */
};

static uint16_t marks_len(const struct asked *asked)
{
	uint16_t len = asked->query.forwarders_len;

	return len < MARKS_MAX ? len : MARKS_MAX;
}

size_t handover_octets(const struct responder *r, const struct asked *asked)
{
	return (size_t)r->foreign.prefix_len + r->foreign.opt_len + marks_len(asked);
}

void handover_fill(const struct responder *r, const struct asked *asked,
	const uint8_t *reply, uint8_t *octets, struct forward_request *out)
{
	const struct foreign *f = &r->foreign;
	const struct query *q = &asked->query;
	size_t len = (size_t)f->prefix_len + f->opt_len;

	memcpy(octets, reply, len);
	if (marks_len(asked) > 0)
		memcpy(octets + len, q->forwarders, marks_len(asked));
	*out = (struct forward_request){
		.question = {.type = q->qtype,
			.class = q->qclass,
			.dnssec_ok = q->dnssec_ok,
			.checking_disabled = (q->flags & DNS_CD) != 0,
			.name = f->name},
		.limit = f->limit,
		.prefix_len = f->prefix_len,
		.opt_len = f->opt_len,
		.marks_len = marks_len(asked),
		.octets = octets};
}
