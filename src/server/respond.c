/* SPDX-License-Identifier: MIT */
#include "server/respond.h"

#include <netinet/in.h>
#include <string.h>

#include "wire/query.h"

enum { RCODE_MASK = 0xF, OPCODE_BITS = 0x7800, DO_BIT = 0x8000 };

/* One query and the reply that grows for it. */
struct exchange {
	struct responder *r;
	const struct query *q;
	struct reply reply;
	uint16_t rcode; /* 12 bits, the upper 8 for the OPT record */
	uint16_t flags;
	uint16_t n_answer, n_authority, n_additional;
};

void client_read(const struct sockaddr *from, struct client *out)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)from;
	const struct sockaddr_in6 *in6 =
		(const struct sockaddr_in6 *)(const void *)from;

	out->len = 0;
	if (from->sa_family == AF_INET) {
		memcpy(out->octets, &in->sin_addr, 4);
		out->len = 4;
	} else if (from->sa_family == AF_INET6) {
		memcpy(out->octets, &in6->sin6_addr, 16);
		out->len = 16;
	}
}

void responder_prepare(struct responder *r, int64_t now_ms)
{
	r->now_ms = now_ms;
	rotation_fit(&r->rotation, r->published);
}

void responder_free(struct responder *r)
{
	rotation_free(&r->rotation);
}

/* ---- sections --------------------------------------------------------------------------------- */

/* Writes s of e to the reply, and sets TC if not all of it fits. */
static void write_rrset(struct exchange *x, const struct entry *e,
	const struct rrset *s, uint16_t owner, struct answer *a)
{
	answer_write(x->r->published, e, s, &x->r->rotation, &x->r->client,
		x->r->now_ms, owner, &x->reply, a);
	if (a->truncated)
		x->flags |= DNS_TC;
}

/*
 * The SOA of the zone that e lies in, for an answer that something is not there. offset is where
 * in the reply a name stands that ends with the apex, len its length.
 */
static void write_soa(struct exchange *x, const struct entry *e, const uint8_t *name,
	size_t len, size_t offset)
{
	size_t apex_at = len - e->apex_len;
	const struct entry *apex =
		published_find(x->r->published, name + apex_at, e->apex_len);
	const struct rrset *soa = apex == NULL ? NULL : entry_find(apex, DNS_SOA);
	CMAP_UNINITIALIZED struct answer a;

	if (soa == NULL || offset + apex_at > DNS_POINTER_MAX)
		return; /* the zone is being taken down at this moment */
	write_rrset(x, apex, soa, (uint16_t)(DNS_POINTER | (offset + apex_at)), &a);
	x->n_authority = (uint16_t)(x->n_authority + a.n);
}

/* ---- the name ---------------------------------------------------------------------------------- */

/* The nearest name above that exists, the name itself not counted; NULL outside our zones. */
static const struct entry *closest_encloser(const struct published *p,
	const uint8_t *name, size_t len)
{
	while (*name != 0) {
		size_t label = 1u + *name;
		const struct entry *e;

		name += label;
		len -= label;
		e = published_find(p, name, len);
		if (e != NULL)
			return e;
	}
	return NULL;
}

/* The RRset of e that answers qtype: of that type, a CNAME, or for ANY the first (RFC 8482 s4.1). */
static const struct rrset *choose_rrset(const struct entry *e, uint16_t qtype)
{
	const struct rrset *s;

	if (qtype == DNS_ANY)
		return e->n_rrsets > 0 ? entry_rrsets(e) : NULL;
	s = entry_find(e, qtype);
	return s != NULL ? s : entry_find(e, DNS_CNAME);
}

/* A name on the way to the answer: the question's, or the target of a CNAME. */
struct step {
	uint8_t name[DNAME_MAX]; /* lower case */
	size_t len;
	size_t offset; /* where it stands in the reply */
};

/* Moves on to the target of the CNAME record that begins at offset record. */
static void follow(struct exchange *x, size_t record, struct step *s)
{
	s->offset = record +
		    12; /* behind the owner's pointer, type, class, TTL and RDLENGTH */
	s->len = dname_wire_len(x->reply.base + s->offset, x->reply.len - s->offset);
	dname_lower(x->reply.base + s->offset, s->len, s->name);
}

/* The name exists and has nothing of the type asked for. */
static void answer_nodata(struct exchange *x, const struct entry *e,
	const struct step *s)
{
	write_soa(x, e, s->name, s->len, s->offset);
}

/* No such name: NXDOMAIN in our zones; outside, REFUSED, or where a CNAME led there just its end. */
static void answer_missing(struct exchange *x, const struct step *s)
{
	const struct entry *above = closest_encloser(x->r->published, s->name, s->len);

	if (above != NULL) {
		x->rcode = DNS_NXDOMAIN;
		write_soa(x, above, s->name, s->len, s->offset);
	} else if (x->n_answer == 0) {
		x->rcode = DNS_REFUSED;
		x->flags &= (uint16_t)~DNS_AA;
	}
}

/* The addresses of what was found, as long as they fit. */
static void answer_additional(struct exchange *x, const struct answer *a)
{
	if (!a->truncated)
		x->n_additional = answer_write_additional(a, &x->reply);
}

static void answer_name(struct exchange *x)
{
	CMAP_UNINITIALIZED struct step s;
	CMAP_UNINITIALIZED struct answer a;

	s.len = x->q->qname_len;
	s.offset = DNS_HEADER_LEN;
	memcpy(s.name, x->q->name, s.len);
	x->flags |= DNS_AA;
	for (int links = 0; links <= RESPOND_CNAME_MAX; links++) {
		const struct entry *e = published_find(x->r->published, s.name, s.len);
		const struct rrset *rrset;
		size_t record = x->reply.len;

		if (e == NULL) {
			answer_missing(x, &s);
			return;
		}
		rrset = choose_rrset(e, x->q->qtype);
		if (rrset == NULL) {
			answer_nodata(x, e, &s);
			return;
		}
		write_rrset(x, e, rrset, (uint16_t)(DNS_POINTER | s.offset), &a);
		x->n_answer = (uint16_t)(x->n_answer + a.n);
		if (a.n == 0 && !a.truncated) { /* all leases have ended */
			answer_nodata(x, e, &s);
			return;
		}
		if (a.n == 0 || rrset->type != DNS_CNAME || x->q->qtype == DNS_CNAME ||
			x->q->qtype == DNS_ANY) {
			answer_additional(x, &a);
			return;
		}
		follow(x, record, &s);
		if (s.offset > DNS_POINTER_MAX)
			return;
	}
}

/* ---- the message ------------------------------------------------------------------------------- */

/* What the type alone decides; DNS_NOERROR: it is to be looked up. */
static uint16_t judge_type(uint16_t qtype, bool is_udp)
{
	if (qtype == DNS_OPT)
		return DNS_FORMERR;
	if (qtype == DNS_AXFR)
		return is_udp ? DNS_NOTIMP : DNS_REFUSED;
	if (qtype >= DNS_TSIG && qtype < DNS_ANY)
		return DNS_NOTIMP;
	return DNS_NOERROR;
}

static void answer_query(struct exchange *x, bool is_udp)
{
	const struct query *q = x->q;

	if (q->edns_version > 0)
		x->rcode = DNS_BADVERS;
	else if (q->qclass != DNS_IN)
		x->rcode = DNS_REFUSED;
	else
		x->rcode = judge_type(q->qtype, is_udp);
	if (x->rcode == DNS_NOERROR)
		answer_name(x);
}

static void write_opt(struct exchange *x)
{
	uint8_t *at = x->reply.base + x->reply.len;

	at[0] = 0;
	dns_put16(at + 1, DNS_OPT);
	dns_put16(at + 3, x->r->udp_size);
	at[5] = (uint8_t)(x->rcode >> 4);
	at[6] = 0; /* version */
	dns_put16(at + 7, x->q->dnssec_ok ? DO_BIT : 0);
	dns_put16(at + 9, 0);
	x->reply.len += DNS_OPT_LEN;
	x->n_additional++;
}

static void write_header(struct exchange *x, uint16_t copied_flags)
{
	uint8_t *at = x->reply.base;

	dns_put16(at, x->q->id);
	dns_put16(at + 2, (uint16_t)(DNS_QR | x->flags | (x->q->flags & copied_flags) |
				     (x->rcode & RCODE_MASK)));
	dns_put16(at + 4, x->q->qname_len == 0 ? 0 : 1);
	dns_put16(at + 6, x->n_answer);
	dns_put16(at + 8, x->n_authority);
	dns_put16(at + 10, x->n_additional);
}

static void count(const struct exchange *x)
{
	struct counters *c = x->r->counters;
	static const enum counter by_rcode[] = {[DNS_FORMERR] = COUNTER_FORMERR,
		[DNS_NXDOMAIN] = COUNTER_NXDOMAIN,
		[DNS_NOTIMP] = COUNTER_NOTIMP,
		[DNS_REFUSED] = COUNTER_REFUSED};
	enum counter which = COUNTER_OTHER_RCODE;

	if (x->rcode == DNS_NOERROR)
		which = x->n_answer > 0 ? COUNTER_NOERROR : COUNTER_NODATA;
	else if (x->rcode < CMAP_COUNT(by_rcode) && x->rcode != DNS_SERVFAIL)
		which = by_rcode[x->rcode];
	counter_add(c, which, 1);
	if (x->flags & DNS_TC)
		counter_add(c, COUNTER_TRUNCATED, 1);
}

/* How long the reply may be, its OPT record not counted. */
static size_t reply_limit(const struct responder *r, const struct query *q, bool is_udp)
{
	size_t limit = DNS_MESSAGE_MAX;

	if (is_udp)
		limit = q->udp_size < r->udp_size ? q->udp_size : r->udp_size;
	return q->has_edns ? limit - DNS_OPT_LEN : limit;
}

size_t respond(struct responder *r, const uint8_t *query, size_t len, bool is_udp,
	uint8_t *reply)
{
	CMAP_UNINITIALIZED struct query q;
	struct exchange x = {.r = r, .q = &q, .reply = {.base = reply}};
	enum query_verdict verdict = query_parse(query, len, &q);

	if (verdict == QUERY_SILENCE) {
		counter_add(r->counters, COUNTER_DROPPED, 1);
		return 0;
	}
	counter_add(r->counters, is_udp ? COUNTER_UDP_QUERIES : COUNTER_TCP_QUERIES, 1);
	x.reply.limit = reply_limit(r, &q, is_udp);
	x.reply.len = DNS_HEADER_LEN + query_question_len(&q);
	if (q.qname_len > 0)
		memcpy(reply + DNS_HEADER_LEN, q.qname, query_question_len(&q));
	if (verdict == QUERY_FORMERR)
		x.rcode = DNS_FORMERR;
	else if (verdict == QUERY_NOTIMP)
		x.rcode = DNS_NOTIMP;
	else
		answer_query(&x, is_udp);
	count(&x);
	if (q.has_edns)
		write_opt(&x);
	write_header(&x, verdict == QUERY_NOTIMP ? OPCODE_BITS : OPCODE_BITS | DNS_RD);
	return x.reply.len;
}
