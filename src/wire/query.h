/* SPDX-License-Identifier: MIT */
/*
 * query.h -- a query message, parsed in place.
 *
 * Owner:  qname points into the message.
 * Source: RFC 1035 s4.1; RFC 6891 s6.1; RFC 9619 (one question); RFC 7873 (a cookie and no question).
 */
#ifndef WIRE_QUERY_H
#define WIRE_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/dname.h"
#include "wire/dns.h"

struct query {
	uint16_t id;
	uint16_t flags; /* as they came */
	uint16_t qtype, qclass;
	uint16_t udp_size; /* EDNS requestor's size, at least 512; 512 without EDNS */
	uint8_t qname_len; /* octets, root label included; 0: there is no question to
			      echo */
	uint8_t edns_version;
	bool has_edns;
	bool dnssec_ok; /* the DO bit, copied into the reply */
	const uint8_t
		*cookie;    /* COOKIE option, first of several; NULL if there is none */
	uint8_t cookie_len; /* 8, or 16 to 40 */
	const uint8_t *forwarders; /* marks of those it has come by, if any */
	uint16_t forwarders_len;   /* octets; 0: none */
	bool wants_nsid;
	bool wants_keepalive;
	const uint8_t *qname;
	uint8_t name[DNAME_MAX]; /* qname in lower case */
};

enum query_verdict {
	QUERY_ANSWER, /* a well-formed query of opcode QUERY, class and EDNS version not
			 yet judged */
	QUERY_COOKIE, /* the same without a question: only a cookie is asked for */
	QUERY_SILENCE, /* too short to answer, or itself a response: nothing is sent */
	QUERY_FORMERR,
	QUERY_NOTIMP
};

/*
 * Reads len octets at message. For any verdict but QUERY_SILENCE, id, flags, has_edns
 * and (when there is one question that parses) the question's fields are set, so that
 * an error reply can be built.
 */
enum query_verdict query_parse(const uint8_t *message, size_t len,
	struct query *q) CMAP_NONNULL;

/* Octets of the question section: the name, type and class; 0 when it is not to be
 * echoed. */
static inline size_t query_question_len(const struct query *q)
{
	return q->qname_len == 0 ? 0 : q->qname_len + 4u;
}

#endif
