/* SPDX-License-Identifier: MIT */
#include "server/respond.h"

#include <netinet/in.h>
#include <string.h>

#include "server/opt.h"
#include "server/outcome.h"
#include "zone/arpa.h"
#include "zone/listed.h"
#include "zone/referral.h"

enum { RCODE_MASK = 0xF, OPCODE_BITS = 0x7800, AMPLIFICATION = 3 };

/* One query and the reply that grows for it. */
struct exchange {
	struct responder *r;
	const struct query *q;
	uint64_t hash; /* of its name */
	struct reply reply;
	uint16_t rcode; /* 12 bits, the upper 8 for the OPT record */
	uint16_t flags;
	uint16_t ede; /* RFC 8914; 0: none */
	bool is_udp;
	bool cookie_is_good;
	bool is_capped;   /* the client may be forged, and replies are limited */
	uint16_t view;    /* what the client sees */
	bool may_forward; /* the client may have names outside our zones resolved */
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
	r->wall_s = 0;
	r->now = r->settings == NULL
			 ? NULL
			 : atomic_load_explicit(r->settings, memory_order_acquire);
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
		entry_is_apex(e) ? e
				 : published_find_view(x->r->published, name + apex_at,
					   e->apex_len, x->view);
	const struct rrset *soa =
		apex == NULL ? NULL : entry_find(apex, ENTRY_NEGATIVE_SOA);
	CMAP_UNINITIALIZED struct answer a;

	if (soa == NULL || offset + apex_at > DNS_POINTER_MAX)
		return; /* the zone is being taken down at this moment */
	write_rrset(x, apex, soa, (uint16_t)(DNS_POINTER | (offset + apex_at)), &a);
	x->n_authority = (uint16_t)(x->n_authority + a.n);
}

/* ---- the name ---------------------------------------------------------------------------------- */

/* The RRset of e that answers qtype: of that type, a CNAME, or for ANY the first (RFC 8482 s4.1). */
static const struct rrset *choose_rrset(const struct entry *e, uint16_t qtype)
{
	const struct rrset *s;

	if (qtype == DNS_ANY) /* of a delegation: to be asked on its other side */
		return e->flags & ENTRY_CUT ? NULL : entry_first(e);
	s = entry_find(e, qtype);
	return s != NULL ? s : entry_find(e, DNS_CNAME);
}

/* A name on the way to the answer: the question's, or the target of a CNAME. */
struct step {
	const uint8_t *name; /* lower case */
	size_t len;
	size_t offset; /* where it stands in the reply */
};

/* The chain has come back to a name that was answered for: RFC 1034 s3.6.2 lets it end there. */
static bool is_loop(const struct exchange *x, const struct step *s,
	const size_t *offset, int n)
{
	for (int i = 0; i < n; i++) {
		const uint8_t *name = x->reply.base + offset[i];
		uint8_t lower[DNAME_MAX];

		if (dname_wire_len(name, x->reply.len - offset[i]) != s->len)
			continue;
		dname_lower(name, s->len, lower);
		if (memcmp(lower, s->name, s->len) == 0)
			return true;
	}
	return false;
}

/* A chain of CNAMEs on its way. */
struct chain {
	uint8_t name[DNAME_MAX]; /* of the step at hand */
	size_t offset[RESPOND_CNAME_MAX +
		      1]; /* where the names so far stand in the reply */
	int n;
};

/* Moves on to the target of the CNAME record that begins at offset record. false: the chain ends here. */
CMAP_APART static bool follow(const struct exchange *x, size_t record, struct step *s,
	struct chain *c)
{
	c->offset[c->n++] = s->offset;
	if (c->n > RESPOND_CNAME_MAX)
		return false;
	s->offset = record +
		    12; /* behind the owner's pointer, type, class, TTL and RDLENGTH */
	s->len = dname_wire_len(x->reply.base + s->offset, x->reply.len - s->offset);
	dname_lower(x->reply.base + s->offset, s->len, c->name);
	s->name = c->name;
	return s->offset <= DNS_POINTER_MAX && !is_loop(x, s, c->offset, c->n);
}

/* The name lies at or below a delegation: who to ask instead. It is no answer of ours, hence no AA. */
CMAP_APART static void answer_referral(struct exchange *x, const struct entry *cut,
	const struct step *s)
{
	size_t offset = s->offset + (s->len - cut->name_len);
	struct referral r;

	if (offset > DNS_POINTER_MAX)
		return;
	referral_write(cut, (uint16_t)(DNS_POINTER | offset), &x->reply, &r);
	x->n_authority = (uint16_t)(x->n_authority + r.n_ns);
	x->n_additional = r.n_glue;
	if (r.truncated)
		x->flags |= DNS_TC;
	if (x->n_answer == 0)
		x->flags &= (uint16_t)~DNS_AA;
}

/* Why it is not known whether e has addresses of that type; 0: it is known, or they are none. */
static uint8_t why_unknown(const struct entry *e, uint16_t qtype)
{
	if (qtype == DNS_AAAA || (qtype == DNS_ANY && e->unknown[0] == 0))
		return e->unknown[1];
	return qtype == DNS_A || qtype == DNS_ANY ? e->unknown[0] : 0;
}

/* No more can be said, not even what led there. */
CMAP_APART static void answer_failure(struct exchange *x, uint8_t why)
{
	x->reply.len = DNS_HEADER_LEN + query_question_len(x->q);
	x->n_answer = 0;
	x->flags &= (uint16_t)~DNS_AA;
	x->rcode = DNS_SERVFAIL;
	x->ede = why;
}

/* The name exists and has nothing of the type asked for, or that is not known: then nobody may remember it. */
CMAP_APART static void answer_nodata(struct exchange *x, const struct entry *e,
	const struct step *s)
{
	const struct entry *above = NULL;
	uint8_t why = why_unknown(e, x->q->qtype);

	if (why != 0) {
		answer_failure(x, why);
		return;
	}
	if ((e->flags & ENTRY_CUT) && x->q->qtype != DNS_DS) {
		answer_referral(x, e, s);
		return;
	}
	/* That an apex has no DS is for the zone above to say, if it is ours: RFC 4035 s3.1.4.1. */
	if (x->q->qtype == DNS_DS && entry_is_apex(e))
		above = published_above_view(x->r->published, s->name, s->len, x->view);
	if (above != NULL && (above->flags & ENTRY_CUT))
		answer_referral(x, above, s); /* it is not: a delegation lies between */
	else
		write_soa(x, above == NULL ? e : above, s->name, s->len, s->offset);
}

/* The wildcard right below the closest encloser, which stands for the missing name: RFC 4592 s3.3.1. */
CMAP_APART static const struct entry *find_wildcard(const struct exchange *x,
	const struct entry *encloser)
{
	uint8_t name[DNAME_MAX + 2] = {1, '*'};

	memcpy(name + 2, encloser->name, encloser->name_len);
	return published_find_view(x->r->published, name, encloser->name_len + 2u,
		x->view);
}

/* Types of messages, not of data, which a resolver has nothing to say to: RFC 6895 s3.1. ANY stands for data. */
static bool is_meta(uint16_t qtype)
{
	return qtype == 0 || (qtype >= DNS_NXNAME && qtype < DNS_ANY);
}

/* The name lies outside our zones. */
CMAP_APART static void answer_foreign(struct exchange *x, const struct step *s)
{
	if (x->may_forward && (x->q->flags & DNS_RD)) {
		if (is_meta(x->q->qtype)) {
			x->rcode = x->n_answer == 0 ? DNS_NOTIMP : DNS_NOERROR;
			x->ede = DNS_EDE_NOT_SUPPORTED;
		} else if (forward_has_room(x->r->now->forward)) {
			x->r->foreign.name.len = (uint8_t)s->len;
			memcpy(x->r->foreign.name.wire, s->name, s->len);
		} else {
			x->rcode = DNS_SERVFAIL;
			x->ede = DNS_EDE_NOT_READY;
		}
	} else if (x->n_answer == 0) {
		x->rcode = DNS_REFUSED;
		x->ede = DNS_EDE_NOT_AUTHORITATIVE;
	}
	if (x->n_answer == 0)
		x->flags &= (uint16_t)~DNS_AA;
}

/*
 * There is no such name: NXDOMAIN in our zones, unless a delegation or a wildcard covers it; outside, it is
 * forwarded or REFUSED, or where a CNAME led there, that is the end. Returns the wildcard, to be answered from.
 */
static const struct entry *answer_missing(struct exchange *x, const struct step *s)
{
	const struct published *p = x->r->published;
	const struct entry *above = published_above_view(p, s->name, s->len, x->view);
	const struct entry *wildcard = NULL;

	if (above == NULL) {
		answer_foreign(x, s);
		return NULL;
	}
	if (above->flags & ENTRY_CUT) {
		answer_referral(x, above, s);
		return NULL;
	}
	if (above->flags & ENTRY_WILDCARD)
		wildcard = find_wildcard(x, above);
	if (wildcard == NULL) {
		if (!(above->flags & ENTRY_NETWORKS) ||
			!arpa_is_network(s->name, s->len))
			x->rcode = DNS_NXDOMAIN;
		write_soa(x, above, s->name, s->len, s->offset);
	}
	return wildcard;
}

/*
 * A name of our own: its addresses, or that it has nothing else. false: it is none, or what is published there is to be
 * answered, e.
 */
CMAP_APART static bool answer_own_name(struct exchange *x, const struct entry *e,
	const struct step *s)
{
	const struct settings *now = x->r->now;
	const uint16_t owner = (uint16_t)(DNS_POINTER | s->offset);
	const uint16_t qtype = x->q->qtype;
	const struct entry *above;
	uint16_t n;

	if (now == NULL || !own_names_have(&now->own, s->name, s->len) ||
		own_name_gives_way(e))
		return false;
	if (now->own.n_addresses > 0 &&
		(qtype == now->own.type || (qtype == DNS_ANY && e == NULL))) {
		n = own_names_write(&now->own, owner, &x->reply);
		x->n_answer = (uint16_t)(x->n_answer + n);
		if (n < now->own.n_addresses)
			x->flags |= DNS_TC;
		return true;
	}
	if (e != NULL)
		return false;
	above = published_above_view(x->r->published, s->name, s->len, x->view);
	if (above != NULL) {
		write_soa(x, above, s->name, s->len, s->offset);
		return true;
	}
	n = own_names_write_soa(&now->own, owner, &x->reply);
	if (qtype == DNS_SOA)
		x->n_answer = (uint16_t)(x->n_answer + n);
	else
		x->n_authority = (uint16_t)(x->n_authority + n);
	return true;
}

/* What the services have that the records of a list. */
CMAP_APART static void answer_listed(struct exchange *x, const struct answer *a)
{
	const struct listed_reader reader = {.published = x->r->published,
		.rotation = &x->r->rotation,
		.client = &x->r->client,
		.now_ms = x->r->now_ms,
		.view = x->view};

	x->n_additional = listed_write(&reader, a, &x->reply);
}

/* What goes along with the records of s in a, as long as it fits: addresses, or what was listed. */
static void answer_additional(struct exchange *x, const struct rrset *s,
	const struct answer *a)
{
	if (a->truncated)
		return;
	if (s->targets != 0)
		x->n_additional = answer_write_additional(a, &x->reply);
	else if (s->names_services)
		answer_listed(x, a);
}

/* The next RRset of e behind s that is one of the name, or NULL. */
static const struct rrset *rrset_behind(const struct entry *e, const struct rrset *s)
{
	const struct rrset *end = entry_rrsets(e) + e->n_rrsets;

	while (++s < end)
		if (!entry_is_part(s->type))
			return s;
	return NULL;
}

/* Answers with rrset of e, the step's name. true: it is a CNAME to be followed, its record at *record. */
static bool answer_rrset(struct exchange *x, const struct entry *e,
	const struct rrset *rrset, const struct step *s, size_t *record)
{
	CMAP_UNINITIALIZED struct answer a;

	*record = x->reply.len;
	write_rrset(x, e, rrset, (uint16_t)(DNS_POINTER | s->offset), &a);
	while (a.n == 0 && !a.truncated && x->q->qtype == DNS_ANY &&
		(rrset = rrset_behind(e, rrset)) != NULL)
		write_rrset(x, e, rrset, (uint16_t)(DNS_POINTER | s->offset), &a);
	x->n_answer = (uint16_t)(x->n_answer + a.n);
	if (a.n == 0 && !a.truncated) { /* all leases have ended */
		answer_nodata(x, e, s);
		return false;
	}
	if (a.n > 0 && rrset->type == DNS_CNAME && x->q->qtype != DNS_CNAME &&
		x->q->qtype != DNS_ANY)
		return true;
	answer_additional(x, rrset, &a);
	return false;
}

/* All but the plain case: from e, which is what the question's name has, or NULL. */
CMAP_APART static void answer_steps(struct exchange *x, const struct entry *e)
{
	struct step s = {
		.name = x->q->name, .len = x->q->qname_len, .offset = DNS_HEADER_LEN};
	CMAP_UNINITIALIZED struct chain chain;
	size_t record;

	chain.n = 0;
	for (;;) {
		const struct rrset *rrset;

		if (answer_own_name(x, e, &s))
			return;
		if (e == NULL)
			e = answer_missing(x, &s);
		if (e == NULL)
			return;
		rrset = choose_rrset(e, x->q->qtype);
		if (rrset == NULL) {
			answer_nodata(x, e, &s);
			return;
		}
		if (!answer_rrset(x, e, rrset, &s, &record) ||
			!follow(x, record, &s, &chain))
			return;
		e = published_find_view(x->r->published, s.name, s.len, x->view);
	}
}

static void answer_name(struct exchange *x)
{
	const struct query *q = x->q;
	const struct entry *e = published_find_hash(x->r->published, x->hash, q->name,
		q->qname_len, x->view);
	const struct rrset *rrset = e == NULL ? NULL : entry_find(e, q->qtype);
	CMAP_UNINITIALIZED struct answer a;

	x->flags |= DNS_AA;
	if (rrset == NULL) {
		answer_steps(x, e);
		return;
	}
	write_rrset(x, e, rrset, ENTRY_OWNER_POINTER, &a);
	x->n_answer = a.n;
	if (a.n > 0 || a.truncated)
		answer_additional(x, rrset, &a);
	else /* all leases have ended */
		answer_steps(x, e);
}

/* ---- the message ------------------------------------------------------------------------------- */

/* What the type alone decides; others are to be looked up. */
static void judge_type(struct exchange *x)
{
	uint16_t qtype = x->q->qtype;

	if (qtype == DNS_OPT) {
		x->rcode = DNS_FORMERR;
	} else if (qtype == DNS_NXNAME) { /* RFC 9824 s3.5 */
		x->rcode = DNS_FORMERR;
		x->ede = DNS_EDE_INVALID_QUERY_TYPE;
	} else if (qtype >= DNS_TSIG && qtype < DNS_ANY) {
		x->rcode = qtype == DNS_AXFR && !x->is_udp ? DNS_REFUSED : DNS_NOTIMP;
		x->ede = DNS_EDE_NOT_SUPPORTED;
	}
}

/* One string of TXT in class CH, at a name that tools ask of any server. */
static void write_chaos(struct exchange *x, const char *text)
{
	uint8_t *at = x->reply.base + x->reply.len;
	size_t len = strlen(text);

	if (x->reply.limit - x->reply.len < 13 + len) {
		x->flags |= DNS_TC;
		return;
	}
	dns_put16(at, ENTRY_OWNER_POINTER);
	dns_put16(at + 2, DNS_TXT);
	dns_put16(at + 4, DNS_CH);
	dns_put32(at + 6, 0);
	dns_put16(at + 10, (uint16_t)(len + 1));
	at[12] = (uint8_t)len;
	memcpy(at + 13, text, len);
	x->reply.len += 13 + len;
	x->n_answer++;
	x->flags |= DNS_AA;
}

/* RFC 4892: id.server, and what BIND made usual. What is not configured is not told. */
static void answer_chaos(struct exchange *x)
{
	static const struct {
		const char *name;
		bool is_version;
	} names[] = {{"\002id\006server", false}, {"\010hostname\004bind", false},
		{"\007version\004bind", true}, {"\007version\006server", true}};
	const struct settings *s = x->r->now;

	for (size_t i = 0; s != NULL && i < CMAP_COUNT(names); i++) {
		const char *text = names[i].is_version ? s->version : s->server_id;

		if (x->q->qname_len != strlen(names[i].name) + 1 ||
			memcmp(x->q->name, names[i].name, x->q->qname_len) != 0 ||
			text[0] == '\0' ||
			(x->q->qtype != DNS_TXT && x->q->qtype != DNS_ANY))
			continue;
		write_chaos(x, text);
		return;
	}
	x->rcode = DNS_REFUSED;
}

static void answer_query(struct exchange *x)
{
	const struct query *q = x->q;

	if (q->edns_version > 0)
		x->rcode = DNS_BADVERS;
	else if (q->qclass == DNS_CH)
		answer_chaos(x);
	else if (q->qclass != DNS_IN)
		x->rcode = DNS_REFUSED;
	else
		judge_type(x);
	if (x->rcode == DNS_NOERROR && q->qclass == DNS_IN)
		answer_name(x);
}

static void answer_verdict(struct exchange *x, enum query_verdict verdict)
{
	switch (verdict) {
	case QUERY_ANSWER:
		answer_query(x);
		break;
	case QUERY_COOKIE: /* without cookies it is no query at all */
		if (x->r->now == NULL || x->r->now->cookies.n == 0)
			x->rcode = DNS_FORMERR;
		break;
	case QUERY_NOTIMP:
		x->rcode = DNS_NOTIMP;
		break;
	case QUERY_FORMERR:
	case QUERY_SILENCE:
		x->rcode = DNS_FORMERR;
		break;
	}
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

static struct outcome outcome_of(const struct exchange *x)
{
	return (struct outcome){.rcode = x->rcode,
		.has_answer = x->n_answer > 0,
		.is_cut = (x->flags & DNS_TC) != 0};
}

/* Wall-clock seconds, asked of the clock once a batch, and only if somebody sends a cookie. */
static uint32_t wall_s(struct responder *r)
{
	const struct clock *clock = r->clock == NULL ? &clock_system : r->clock;

	if (r->wall_s == 0)
		r->wall_s = (uint32_t)(clock_wall_ms(clock) / 1000);
	return r->wall_s;
}

static bool may_forward(const struct settings *s, const struct client *c)
{
	for (uint32_t i = 0; i < s->n_forward_allow; i++)
		if (prefix_holds(&s->forward_allow[i], c->octets, c->len))
			return true;
	return false;
}

/* The view of the smallest network that the client is in. */
static uint16_t view_of(const struct settings *s, const struct client *c)
{
	for (uint32_t i = 0; i < s->n_networks; i++)
		if (prefix_holds(&s->network[i].prefix, c->octets, c->len))
			return s->network[i].view;
	return s->n_networks == 0 ? VIEWS_ALL : VIEW_OUTSIDE;
}

/* Who has a good cookie is whom he says; who has not may be somebody's victim. */
static void judge_client(struct exchange *x)
{
	struct responder *r = x->r;
	const struct settings *s = r->now;

	x->view = r->view != 0 ? r->view : VIEWS_ALL;
	if (s == NULL)
		return;
	if (r->view == 0)
		x->view = view_of(s, &r->client);
	if (s->forward != NULL && may_forward(s, &r->client)) {
		x->may_forward = true;
		x->flags |= DNS_RA;
	}
	if (x->q->cookie != NULL && s->cookies.n > 0 &&
		cookie_is_good(&s->cookies, &r->client, x->q->cookie, x->q->cookie_len,
			wall_s(r))) {
		x->cookie_is_good = true;
		counter_add(r->counters, COUNTER_COOKIES_GOOD, 1);
	}
	x->is_capped = x->is_udp && s->rate_limit > 0 && !x->cookie_is_good &&
		       r->client.len > 0;
}

/*
 * How long the reply may be. Where replies are limited, one to an address that may be forged is no
 * longer than three times what was sent.
 */
static size_t reply_limit(const struct exchange *x, size_t query_len)
{
	size_t limit = DNS_MESSAGE_MAX;

	if (x->is_udp)
		limit = x->q->udp_size < x->r->udp_size ? x->q->udp_size
							: x->r->udp_size;
	if (x->is_capped && limit > AMPLIFICATION * query_len)
		limit = AMPLIFICATION * query_len;
	return limit;
}

/*
 * Whether a reply may be sent at all. Every rate_slip-th of those over the limit goes out empty, with TC
 * set: a client that is not forged comes again over TCP.
 */
static bool within_limit(struct exchange *x)
{
	struct responder *r = x->r;
	const struct settings *s = r->now;

	if (!x->is_capped ||
		limit_allows(r->limit, &r->client, outcome_kind(outcome_of(x)),
			s->rate_limit, r->now_ms))
		return true;
	counter_add(r->counters, COUNTER_RATE_LIMITED, 1);
	if (s->rate_slip == 0 || ++r->n_limited % s->rate_slip != 0)
		return false;
	x->reply.len = DNS_HEADER_LEN + query_question_len(x->q);
	x->n_answer = x->n_authority = x->n_additional = 0;
	x->flags = (x->flags & DNS_RA) | DNS_TC;
	x->rcode = DNS_NOERROR;
	x->ede = 0;
	return true;
}

/* The answer, and its OPT record if one is due. false: nothing is to be sent. */
static bool build(struct exchange *x, enum query_verdict verdict, size_t query_len)
{
	struct opt opt = {.settings = x->r->now,
		.client = &x->r->client,
		.udp_size = x->r->udp_size,
		.is_udp = x->is_udp,
		.cookie_is_good = x->cookie_is_good};
	size_t limit = reply_limit(x, query_len);
	size_t len = opt_len(&opt, x->q);

	if (x->reply.len + len > limit) { /* a long NSID for a short query */
		opt.settings = NULL;
		len = opt_len(&opt, x->q);
	}
	x->reply.limit = limit - len;
	answer_verdict(x, verdict);
	if (x->r->foreign.name.len > 0) {
		x->r->foreign.prefix_len = (uint16_t)x->reply.len;
		x->r->foreign.limit = (uint16_t)limit;
		x->r->foreign.is_capped = x->is_capped;
	} else {
		outcome_count(outcome_of(x), x->r->counters);
		if (!within_limit(x))
			return false;
	}
	if (len == 0)
		return true;
	opt.rcode = x->rcode;
	opt.ede = x->ede;
	if (x->q->cookie != NULL)
		opt.now_s = wall_s(x->r);
	len = opt_write(&opt, x->q, x->reply.base + x->reply.len, limit - x->reply.len);
	x->reply.len += len;
	x->r->foreign.opt_len = (uint16_t)len;
	x->n_additional++;
	return true;
}

void respond_read(const struct responder *r, const uint8_t *query, size_t len,
	struct asked *asked)
{
	const struct query *q = &asked->query;

	asked->len = len;
	asked->hash = 0;
	asked->verdict = query_parse(query, len, &asked->query);
	if (asked->verdict != QUERY_ANSWER)
		return;
	asked->hash = published_hash(r->published, q->name, q->qname_len);
	published_fetch_slot(r->published, asked->hash);
}

void respond_look(const struct responder *r, const struct asked *asked)
{
	if (asked->verdict == QUERY_ANSWER)
		published_fetch_entry(r->published, asked->hash);
}

size_t respond_answer(struct responder *r, const struct asked *asked, bool is_udp,
	uint8_t *reply)
{
	const struct query *q = &asked->query;
	struct exchange x = {.r = r,
		.q = q,
		.hash = asked->hash,
		.reply = {.base = reply},
		.is_udp = is_udp};

	if (asked->verdict == QUERY_SILENCE) {
		counter_add(r->counters, COUNTER_DROPPED, 1);
		return 0;
	}
	counter_add(r->counters, is_udp ? COUNTER_UDP_QUERIES : COUNTER_TCP_QUERIES, 1);
	x.reply.len = DNS_HEADER_LEN + query_question_len(q);
	if (q->qname_len > 0)
		memcpy(reply + DNS_HEADER_LEN, q->qname, query_question_len(q));
	r->foreign.name.len = 0;
	r->foreign.opt_len = 0;
	judge_client(&x);
	if (!build(&x, asked->verdict, asked->len))
		return 0;
	if (r->foreign.name.len > 0) {
		x.n_additional = 0;
		write_header(&x, OPCODE_BITS | DNS_RD | DNS_CD);
		return 0;
	}
	write_header(&x,
		asked->verdict == QUERY_NOTIMP ? OPCODE_BITS : OPCODE_BITS | DNS_RD);
	return x.reply.len;
}

size_t respond(struct responder *r, const uint8_t *query, size_t len, bool is_udp,
	uint8_t *reply)
{
	CMAP_UNINITIALIZED struct asked asked;

	respond_read(r, query, len, &asked);
	return respond_answer(r, &asked, is_udp, reply);
}
