/* SPDX-License-Identifier: MIT */
/*
 * Any octets as what an upstream says to a question, and the reply to a client that is made of it. ldns reads both. No
 * message is taken that is not a whole, plain reply to the question; each record of the client's reply is one of the
 * upstream's, in the same section, no longer good than there, and has a part in the answer.
 */
#include <stdbool.h> /* first: else ldns makes a bool of its own */

#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "forward/request.h"
#include "wire/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum mode {
	MODE_SELF =
		1, /* the question is the message's own; else one of www.example.com */
	MODE_DO = 2,
	MODE_CD = 4,
	MODE_CNAME = 8, /* a CNAME of ours has led to the name */
	MODE_EDNS = 16, /* the client's */
	MODE_EDE = 32,
	MODE_OLD = 64 /* stale */
};

enum { HEAD = 4 /* mode, limit, turn */, ID = 0x1234, STALE_TTL = 30, OPT = 11 };

/* An input, and what ldns reads in it. */
struct input {
	uint8_t mode;
	const uint8_t *message;
	size_t len;
	uint16_t id;
	struct forward_question q;
	ldns_rr *question; /* NULL: ldns finds none */
	ldns_pkt *pkt;     /* NULL: ldns does not parse it */
};

#define must(holds) must_hold((holds), __LINE__)

static void must_hold(bool holds, int line)
{
	if (holds)
		return;
	fprintf(stderr, "line %d does not hold\n", line);
	abort();
}

/* ---- the question ------------------------------------------------------------------------------- */

static void read_question(struct input *in)
{
	size_t at = DNS_HEADER_LEN;

	in->question = NULL;
	if (in->len < DNS_HEADER_LEN ||
		ldns_wire2rr(&in->question, in->message, in->len, &at,
			LDNS_SECTION_QUESTION) != LDNS_STATUS_OK)
		in->question = NULL;
}

/* Types whose names may be compressed, or have been: RFC 3597 s4. */
static bool has_names(ldns_rr_type type)
{
	static const uint8_t types[] = {2, 3, 4, 5, 6, 7, 8, 9, 12, 14, 15, 17, 18, 21,
		24, 26, 30, 33, 35, 36, 39};

	return (unsigned int)type < 256 && memchr(types, (int)type, sizeof(types));
}

/*
 * Steps over the record at *at. true: ldns makes one of exactly its octets; left to itself, it looks over some, and reads
 * names beyond the data.
 */
static bool is_whole(const struct input *in, size_t *at)
{
	const uint8_t *p = in->message;
	size_t end = *at, len = 0, data_len;
	ldns_rr *rr;
	bool whole;

	while (end < in->len && p[end] != 0 && p[end] < 0xC0)
		end += 1u + p[end];
	if (end >= in->len)
		return false;
	end += p[end] == 0 ? 1 : 2;
	if (end + 10 > in->len)
		return false;
	data_len = ldns_read_uint16(p + end + 8);
	end += 10 + data_len;
	if (end > in->len ||
		ldns_wire2rr(&rr, p, end, at, LDNS_SECTION_ANSWER) != LDNS_STATUS_OK)
		return false;
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++)
		len += ldns_rdf_size(ldns_rr_rdf(rr, i));
	whole = len == data_len || ldns_rr_get_type(rr) == LDNS_RR_TYPE_OPT ||
		(len > data_len && has_names(ldns_rr_get_type(rr)));
	ldns_rr_free(rr);
	return whole && *at == end;
}

/* The message as ldns reads it, if it does so strictly. */
static ldns_pkt *read_strictly(const struct input *in)
{
	size_t at = DNS_HEADER_LEN;
	ldns_pkt *pkt = NULL;
	ldns_rr *rr;

	if (in->len < DNS_HEADER_LEN ||
		ldns_wire2pkt(&pkt, in->message, in->len) != LDNS_STATUS_OK)
		return NULL;
	for (unsigned int n = LDNS_QDCOUNT(in->message); n > 0; n--) {
		if (ldns_wire2rr(&rr, in->message, in->len, &at,
			    LDNS_SECTION_QUESTION) != LDNS_STATUS_OK)
			goto err_free;
		ldns_rr_free(rr);
	}
	for (unsigned int n = LDNS_ANCOUNT(in->message) + LDNS_NSCOUNT(in->message) +
			      LDNS_ARCOUNT(in->message);
		n > 0; n--)
		if (!is_whole(in, &at))
			goto err_free;
	return pkt;
err_free:
	ldns_pkt_free(pkt);
	return NULL;
}

static void set_question(struct input *in)
{
	static const uint8_t name[] = "\3www\7example\3com";
	struct forward_question *q = &in->q;

	in->id = ID;
	memset(q, 0, sizeof(*q));
	q->type = DNS_A;
	q->class = DNS_IN;
	q->name.len = sizeof(name);
	memcpy(q->name.wire, name, sizeof(name));
	if ((in->mode & MODE_SELF) && in->question != NULL) {
		const ldns_rdf *owner = ldns_rr_owner(in->question);

		in->id = ldns_read_uint16(in->message);
		q->type = (uint16_t)ldns_rr_get_type(in->question);
		q->class = (uint16_t)ldns_rr_get_class(in->question);
		q->name.len = (uint8_t)ldns_rdf_size(owner);
		dname_lower(ldns_rdf_data(owner), q->name.len, q->name.wire);
	}
	q->dnssec_ok = in->mode & MODE_DO;
	q->checking_disabled = in->mode & MODE_CD;
}

/* What RFC 5452 wants compared, by other means than the forwarder's. */
static void check_accepted(const struct input *in)
{
	const uint8_t *p = in->message;
	ldns_rdf *name;

	must(in->question != NULL && ldns_read_uint16(p) == in->id);
	must(LDNS_QR_WIRE(p) && LDNS_OPCODE_WIRE(p) == 0 && !LDNS_TC_WIRE(p));
	must(LDNS_QDCOUNT(p) == 1);
	must(LDNS_RCODE_WIRE(p) == 0 || LDNS_RCODE_WIRE(p) == 3);
	name = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, in->q.name.len,
		in->q.name.wire);
	must(ldns_dname_compare(name, ldns_rr_owner(in->question)) == 0);
	ldns_rdf_deep_free(name);
	must((uint16_t)ldns_rr_get_type(in->question) == in->q.type);
	must((uint16_t)ldns_rr_get_class(in->question) == in->q.class);
	if (in->pkt != NULL)
		must(ldns_pkt_edns_extended_rcode(in->pkt) == 0);
}

/* ---- the reply ---------------------------------------------------------------------------------- */

static uint8_t *put_opt(uint8_t *p)
{
	memset(p, 0, OPT);
	p[2] = DNS_OPT;
	dns_put16(p + 3, 1232);
	return p + OPT;
}

/* A request as a server hands it over, in *octets. */
static void make_request(const struct input *in, uint16_t limit, uint8_t octets[1024],
	struct forward_request *r)
{
	static const uint8_t ours[] = "\3app\4corp\10internal";
	const struct dname *name = &in->q.name;
	bool is_chain = in->mode & MODE_CNAME;
	size_t len = is_chain ? sizeof(ours) : name->len;
	uint8_t *p = octets + DNS_HEADER_LEN;
	size_t least;

	memset(octets, 0, DNS_HEADER_LEN);
	dns_put16(octets + 2, DNS_QR | DNS_RD | DNS_RA);
	octets[5] = 1;
	memcpy(p, is_chain ? ours : name->wire, len);
	p += len;
	dns_put16(p, in->q.type);
	dns_put16(p + 2, in->q.class);
	p += 4;
	if (is_chain) {
		octets[7] = 1;
		dns_put16(p, DNS_POINTER | DNS_HEADER_LEN);
		dns_put16(p + 2, DNS_CNAME);
		dns_put16(p + 4, in->q.class);
		dns_put32(p + 6, 60);
		dns_put16(p + 10, name->len);
		memcpy(p + 12, name->wire, name->len);
		p += 12 + name->len;
	}
	*r = (struct forward_request){.question = in->q,
		.prefix_len = (uint16_t)(p - octets),
		.octets = octets};
	if (in->mode & MODE_EDNS)
		r->opt_len = (uint16_t)(put_opt(p) - p);
	least = (size_t)r->prefix_len + r->opt_len;
	r->limit = limit < least ? (uint16_t)least : limit;
}

/* Makes the reply in memory of its limit, and has ldns read it, unless it cannot read what it was made of. */
static ldns_pkt *reply(const struct input *in, const struct image *image,
	uint16_t limit, uint32_t turn)
{
	struct forward_saying say = {.rcode = image->rcode,
		.ede = in->mode & MODE_EDE ? 3 : 0,
		.ttl = in->mode & MODE_OLD ? STALE_TTL : 0,
		.turn = turn};
	uint8_t octets[1024], *out;
	struct forward_request r;
	ldns_pkt *pkt = NULL;
	size_t len;

	make_request(in, limit, octets, &r);
	out = xmalloc(r.limit);
	len = forward_reply(&r, image, &say, out);
	must(len <= r.limit && len >= (size_t)r.prefix_len + r.opt_len);
	if (in->pkt != NULL) {
		must(ldns_wire2pkt(&pkt, out, len) == LDNS_STATUS_OK);
		must(ldns_pkt_edns(pkt) == (r.opt_len > 0));
		must(ldns_pkt_get_rcode(pkt) == image->rcode);
	}
	free(out);
	return pkt;
}

/* ---- its records -------------------------------------------------------------------------------- */

static bool same(const ldns_rdf *a, const ldns_rdf *b)
{
	return ldns_dname_compare(a, b) == 0;
}

static bool is_within(const ldns_rdf *name, const ldns_rdf *apex)
{
	return same(name, apex) || ldns_dname_is_subdomain(name, apex);
}

/* rr is one of list's, and is not to be kept longer than it says. */
static void check_origin(const struct input *in, const ldns_rr *rr,
	const ldns_rr_list *list)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *from = ldns_rr_list_rr(list, i);

		if (ldns_rr_compare(rr, from) == 0 &&
			((in->mode & MODE_OLD) ? ldns_rr_ttl(rr) == STALE_TTL
					       : ldns_rr_ttl(rr) <= ldns_rr_ttl(from)))
			return;
	}
	must(false);
}

static bool has_signatures(const struct input *in)
{
	return in->q.dnssec_ok || in->q.type == DNS_RRSIG || in->q.type == DNS_ANY;
}

/* The answer is a chain from the question's name. Returns its end; *found: the type asked for is there. */
static const ldns_rdf *check_chain(const struct input *in, const ldns_rr_list *list,
	size_t first, const ldns_rdf *name, bool *found)
{
	const ldns_rdf *next = name;

	*found = false;
	for (size_t i = first; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		const ldns_rdf *owner = ldns_rr_owner(rr);
		uint16_t type = (uint16_t)ldns_rr_get_type(rr);

		must((uint16_t)ldns_rr_get_class(rr) == in->q.class);
		must(type != DNS_RRSIG || has_signatures(in));
		if (!same(owner, name) && same(owner, next))
			name = next;
		if (same(owner, name) &&
			(type == in->q.type || in->q.type == DNS_ANY)) {
			*found = true;
			next = name;
		} else if (same(owner, name) && type == DNS_CNAME) {
			next = ldns_rr_rdf(rr, 0);
		} else if (same(owner, name) && type != DNS_DNAME) {
			must(type == DNS_RRSIG);
		} else {
			must(in->q.dnssec_ok &&
				(type == DNS_DNAME || type == DNS_RRSIG) &&
				(is_within(name, owner) || is_within(next, owner)));
		}
	}
	return next;
}

static void check_authority(const struct input *in, const ldns_rr_list *list,
	const ldns_rdf *end, bool found)
{
	int soas = 0;

	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		ldns_rr_type type = ldns_rr_get_type(rr);

		if (type == LDNS_RR_TYPE_SOA) {
			must(!found && ++soas == 1);
			must(is_within(end, ldns_rr_owner(rr)));
			must((in->mode & MODE_OLD) ||
				ldns_rr_ttl(rr) <=
					ldns_rdf2native_int32(ldns_rr_rdf(rr, 6)));
		} else if (type == LDNS_RR_TYPE_RRSIG) {
			must(has_signatures(in));
		} else {
			must(in->q.dnssec_ok && (type == LDNS_RR_TYPE_NSEC ||
							type == LDNS_RR_TYPE_NSEC3));
		}
	}
}

static void check_additional(const struct input *in, const ldns_rr_list *list,
	const ldns_rr_list *answer)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		ldns_rr_type type = ldns_rr_get_type(rr);
		bool is_given = false;

		must(in->q.type == DNS_SRV || in->q.type == DNS_MX);
		must(type == LDNS_RR_TYPE_A || type == LDNS_RR_TYPE_AAAA ||
			(type == LDNS_RR_TYPE_RRSIG && in->q.dnssec_ok));
		for (size_t k = 0; k < ldns_rr_list_rr_count(answer); k++) {
			const ldns_rr *a = ldns_rr_list_rr(answer, k);

			if ((uint16_t)ldns_rr_get_type(a) == in->q.type &&
				same(ldns_rr_rdf(a, in->q.type == DNS_SRV ? 3 : 1),
					ldns_rr_owner(rr)))
				is_given = true;
		}
		must(is_given);
	}
}

/* What is in a whole reply has a part in the answer. */
static void check_reply(const struct input *in, const ldns_pkt *pkt)
{
	const ldns_rr_list *answer = ldns_pkt_answer(pkt);
	size_t first = in->mode & MODE_CNAME ? 1 : 0;
	const ldns_rdf *end;
	bool found;

	must(ldns_rr_list_rr_count(answer) >= first);
	for (size_t i = first; i < ldns_rr_list_rr_count(answer); i++)
		check_origin(in, ldns_rr_list_rr(answer, i), ldns_pkt_answer(in->pkt));
	for (size_t i = 0; i < ldns_pkt_nscount(pkt); i++)
		check_origin(in, ldns_rr_list_rr(ldns_pkt_authority(pkt), i),
			ldns_pkt_authority(in->pkt));
	for (size_t i = 0; i < ldns_rr_list_rr_count(ldns_pkt_additional(pkt)); i++)
		check_origin(in, ldns_rr_list_rr(ldns_pkt_additional(pkt), i),
			ldns_pkt_additional(in->pkt));
	end = check_chain(in, answer, first, ldns_rr_owner(in->question), &found);
	check_authority(in, ldns_pkt_authority(pkt), end, found);
	check_additional(in, ldns_pkt_additional(pkt), answer);
}

static size_t needed(const ldns_pkt *pkt)
{
	return ldns_rr_list_rr_count(ldns_pkt_answer(pkt)) +
	       ldns_rr_list_rr_count(ldns_pkt_authority(pkt));
}

static void check_image(const struct input *in, const struct image *image,
	uint16_t limit, uint32_t turn)
{
	ldns_pkt *whole = reply(in, image, DNS_MESSAGE_MAX, turn);
	ldns_pkt *part = reply(in, image, limit, turn);

	if (in->pkt != NULL) {
		must(!ldns_pkt_tc(whole));
		must(ldns_pkt_tc(part) == (needed(part) < needed(whole)));
		check_reply(in, whole);
		for (size_t i = in->mode & MODE_CNAME ? 1 : 0;
			i < ldns_pkt_ancount(part); i++)
			check_origin(in, ldns_rr_list_rr(ldns_pkt_answer(part), i),
				ldns_pkt_answer(in->pkt));
	}
	ldns_pkt_free(whole);
	ldns_pkt_free(part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image *image = NULL;
	struct input in = {.pkt = NULL};
	enum image_verdict v;
	uint8_t *message;

	if (size < HEAD)
		return 0;
	in.mode = data[0];
	in.len = size - HEAD;
	message = xmalloc(in.len > 0 ? in.len : 1); /* a step beyond is seen */
	memcpy(message, data + HEAD, in.len);
	in.message = message;
	read_question(&in);
	in.pkt = read_strictly(&in);
	set_question(&in);
	v = image_read(&in.q, in.id, message, in.len, &image);
	must((v == IMAGE_OK) == (image != NULL));
	if (image != NULL) {
		check_accepted(&in);
		check_image(&in, image, dns_get16(data + 1), data[3]);
	}
	free(image);
	ldns_pkt_free(in.pkt);
	ldns_rr_free(in.question);
	free(message);
	return 0;
}
