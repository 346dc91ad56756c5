/* SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	HEADER = 12,
	UDP_MIN = 512,
	NSID = 3, /* EDNS options */
	COOKIE = 10,
	KEEPALIVE = 11,
	EDE = 15,
	TCP_FULL = 65535 - 11 - 300 /* an OPT and a record more could be too much */
};

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static ldns_rdf *rdf(const ldns_rr *rr, size_t i)
{
	return ldns_rr_rdf(rr, i);
}

/* ---- octets ----------------------------------------------------------------------------------- */

/* Walks all records: as many as the header says, and nothing behind them. */
static const char *fault_of_octets(const struct oracle_case *c, ldns_pkt *pkt)
{
	size_t at = HEADER;
	uint16_t n[4];

	for (int s = 0; s < 4; s++) {
		n[s] = get16(c->reply + 4 + 2 * s);
		for (uint16_t i = 0; i < n[s]; i++) {
			ldns_rr *rr = NULL;

			if (ldns_wire2rr(&rr, c->reply, c->reply_len, &at,
				    (ldns_pkt_section)s) != LDNS_STATUS_OK)
				return "a record does not parse";
			ldns_rr_free(rr);
		}
	}
	if (at != c->reply_len)
		return "octets behind the last record";
	if (ldns_pkt_qdcount(pkt) != n[0] || ldns_pkt_ancount(pkt) != n[1] ||
		ldns_pkt_nscount(pkt) != n[2] ||
		ldns_pkt_arcount(pkt) + ldns_pkt_edns(pkt) != n[3])
		return "ldns counts other records";
	if (n[0] > 1)
		return "several questions";
	if (n[0] == 1) {
		size_t len = HEADER;
		ldns_rr *question = NULL;

		if (ldns_wire2rr(&question, c->reply, c->reply_len, &len,
			    LDNS_SECTION_QUESTION) != LDNS_STATUS_OK)
			return "the question does not parse";
		ldns_rr_free(question);
		if (len > c->query_len ||
			memcmp(c->reply + HEADER, c->query + HEADER, len - HEADER) != 0)
			return "another question than was asked";
	}
	return NULL;
}

/* The longest reply that may come back. */
static size_t size_limit(const struct oracle_case *c, const ldns_pkt *pkt)
{
	ldns_pkt *query = NULL;
	size_t limit = UDP_MIN;

	if (!c->is_udp)
		return LDNS_MAX_PACKETLEN;
	if (!ldns_pkt_edns(pkt))
		return limit;
	/* ldns takes most queries that are no good, too; what it does not take has no more than 512. */
	if (ldns_wire2pkt(&query, c->query, c->query_len) == LDNS_STATUS_OK) {
		if (ldns_pkt_edns_udp_size(query) > limit)
			limit = ldns_pkt_edns_udp_size(query);
		ldns_pkt_free(query);
	} else {
		limit = c->udp_size;
	}
	return limit < c->udp_size ? limit : c->udp_size;
}

/* It says who to ask instead, or would if there were room. */
static bool is_referral(const ldns_pkt *pkt)
{
	if (ldns_pkt_get_rcode(pkt) != LDNS_RCODE_NOERROR ||
		ldns_pkt_edns_extended_rcode(pkt) != 0 || ldns_pkt_qdcount(pkt) != 1 ||
		ldns_pkt_aa(pkt) != (ldns_pkt_ancount(pkt) > 0))
		return false;
	if (ldns_pkt_nscount(pkt) == 0)
		return ldns_pkt_tc(pkt) && !ldns_pkt_aa(pkt);
	return ldns_rr_get_type(ldns_rr_list_rr(ldns_pkt_authority(pkt), 0)) ==
	       LDNS_RR_TYPE_NS;
}

/* Whether what the reply says is ours to say. */
static bool has_authority(const struct oracle_case *c, const ldns_pkt *pkt)
{
	if (ldns_pkt_get_rcode(pkt) == LDNS_RCODE_NXDOMAIN)
		return true;
	if (ldns_pkt_get_rcode(pkt) != LDNS_RCODE_NOERROR ||
		ldns_pkt_edns_extended_rcode(pkt) != 0)
		return false;
	if (ldns_pkt_qdcount(pkt) == 0)
		return false; /* only a cookie was asked for */
	if (is_referral(pkt))
		return ldns_pkt_ancount(pkt) > 0;
	return !(c->is_limited && ldns_pkt_tc(pkt) && ldns_pkt_ancount(pkt) == 0 &&
		 !ldns_pkt_aa(pkt));
}

/* Each option once, and only those that there are, in the lengths that they have. */
static const char *fault_of_edns(const struct oracle_case *c, const ldns_pkt *pkt)
{
	const ldns_rdf *data = ldns_pkt_edns_data(pkt);
	const uint8_t *p = data == NULL ? NULL : ldns_rdf_data(data);
	size_t left = data == NULL ? 0 : ldns_rdf_size(data);
	uint32_t seen = 0;

	if (ldns_pkt_edns_version(pkt) != 0 ||
		ldns_pkt_edns_udp_size(pkt) != c->udp_size ||
		(ldns_pkt_edns_z(pkt) & 0x7FFF) != 0)
		return "an odd OPT record";
	while (left > 0) {
		uint16_t code = left < 4 ? 0 : get16(p);
		size_t len = left < 4 ? left : get16(p + 2);

		if (left < 4 || len > left - 4)
			return "an option cut short";
		if (!(code == NSID && len > 0) && !(code == COOKIE && len == 24) &&
			!(code == KEEPALIVE && len == 2 && !c->is_udp) &&
			!(code == EDE && len >= 2))
			return "an odd option";
		if (seen & 1u << code)
			return "an option twice";
		seen |= 1u << code;
		p += 4 + len;
		left -= 4 + len;
	}
	return NULL;
}

/* One OPT where one came, none where none came: RFC 6891 s6.1.1, s7. */
static const char *fault_of_opt(const struct oracle_case *c, const ldns_pkt *pkt)
{
	ldns_pkt *query = NULL;
	bool came = false;

	if (ldns_pkt_edns(pkt) && get16(c->query + 10) == 0)
		return "an OPT where none came";
	/* What ldns takes for one, whoever owns it, may be a format error, which a rate limit may hide. */
	if (ldns_pkt_edns(pkt) || ldns_pkt_get_rcode(pkt) == LDNS_RCODE_FORMERR ||
		ldns_pkt_get_opcode(pkt) != LDNS_PACKET_QUERY ||
		(c->is_limited && ldns_pkt_tc(pkt)))
		return NULL;
	if (ldns_wire2pkt(&query, c->query, c->query_len) == LDNS_STATUS_OK) {
		came = ldns_pkt_edns(query);
		ldns_pkt_free(query);
	}
	return came ? "no OPT where one came" : NULL;
}

static const char *fault_of_header(const struct oracle_case *c, const ldns_pkt *pkt)
{
	const uint8_t *q = c->query, *r = c->reply;

	if (get16(q) != get16(r))
		return "another id";
	if (!ldns_pkt_qr(pkt))
		return "no response";
	if ((q[2] & 0x78) != (r[2] & 0x78))
		return "another opcode";
	if ((r[3] & 0xF0) != 0)
		return "RA, Z, AD or CD";
	if (ldns_pkt_rd(pkt) != ((q[2] & 0x79) == 1))
		return "RD is not as it came";
	if (ldns_pkt_aa(pkt) != has_authority(c, pkt))
		return "AA without authority, or the other way round";
	if (ldns_pkt_tc(pkt) && !c->is_udp && c->reply_len < TCP_FULL)
		return "TC over TCP";
	if (ldns_pkt_tc(pkt) && !ldns_pkt_aa(pkt) && !c->is_limited &&
		!is_referral(pkt))
		return "TC beside an error";
	if (c->reply_len > size_limit(c, pkt))
		return "too long";
	if (ldns_pkt_edns(pkt) && fault_of_edns(c, pkt) != NULL)
		return fault_of_edns(c, pkt);
	return fault_of_opt(c, pkt);
}

/* ---- records ---------------------------------------------------------------------------------- */

static bool same_rrset(const ldns_rr *a, const ldns_rr *b)
{
	return ldns_rr_get_type(a) == ldns_rr_get_type(b) &&
	       ldns_rr_get_class(a) == ldns_rr_get_class(b) &&
	       ldns_dname_compare(ldns_rr_owner(a), ldns_rr_owner(b)) == 0;
}

static const char *fault_of_section(const ldns_rr_list *l, ldns_rr_class class)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(l); i++) {
		const ldns_rr *a = ldns_rr_list_rr(l, i);

		if (ldns_rr_get_class(a) != class)
			return "a record of another class";
		for (size_t j = 0; j < i; j++) {
			const ldns_rr *b = ldns_rr_list_rr(l, j);

			if (!same_rrset(a, b))
				continue;
			if (ldns_rr_ttl(a) != ldns_rr_ttl(b))
				return "an RRset with several TTLs";
			if (ldns_rr_compare(a, b) == 0)
				return "a record twice";
		}
	}
	return NULL;
}

/* The answer follows from the question by CNAMEs to one RRset, whose type *last gets. */
static const char *fault_of_answer(const ldns_pkt *pkt, ldns_rr_type *last)
{
	const ldns_rr *question = ldns_rr_list_rr(ldns_pkt_question(pkt), 0);
	const ldns_rdf *name = ldns_rr_owner(question);
	ldns_rr_type type = ldns_rr_get_type(question);
	bool ended = false;

	for (size_t i = 0; i < ldns_pkt_ancount(pkt); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(ldns_pkt_answer(pkt), i);

		*last = ldns_rr_get_type(rr);
		if (ended &&
			!same_rrset(rr, ldns_rr_list_rr(ldns_pkt_answer(pkt), i - 1)))
			return "records behind the answer";
		if (ldns_dname_compare(ldns_rr_owner(rr), name) != 0)
			return "a record of another name";
		ended = *last == type || type == LDNS_RR_TYPE_ANY;
		if (!ended && *last != LDNS_RR_TYPE_CNAME)
			return "a record of another type";
		if (!ended)
			name = rdf(rr, 0);
	}
	return NULL;
}

/* Whether name is the target of a record in l, whose data has it at the place i. */
static bool is_target(const ldns_rr_list *l, ldns_rr_type type, size_t i,
	const ldns_rdf *name)
{
	for (size_t k = 0; k < ldns_rr_list_rr_count(l); k++) {
		const ldns_rr *rr = ldns_rr_list_rr(l, k);

		if (ldns_rr_get_type(rr) == type &&
			ldns_dname_compare(rdf(rr, i), name) == 0)
			return true;
	}
	return false;
}

/* SRV and TXT of what PTR records in the answer name: RFC 6763 s12.1. */
static bool is_listed(const ldns_pkt *pkt, const ldns_rr *rr)
{
	return (ldns_rr_get_type(rr) == LDNS_RR_TYPE_SRV ||
		       ldns_rr_get_type(rr) == LDNS_RR_TYPE_TXT) &&
	       is_target(ldns_pkt_answer(pkt), LDNS_RR_TYPE_PTR, 0, ldns_rr_owner(rr));
}

/*
 * All in ADDITIONAL are addresses of SRV targets in the answer or beside them, or of a referral's name servers, or what
 * is listed.
 */
static const char *fault_of_additional(const ldns_pkt *pkt)
{
	for (size_t i = 0; i < ldns_pkt_arcount(pkt); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(ldns_pkt_additional(pkt), i);
		const ldns_rdf *owner = ldns_rr_owner(rr);

		if (is_listed(pkt, rr))
			continue;
		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_A &&
			ldns_rr_get_type(rr) != LDNS_RR_TYPE_AAAA)
			return "no address in ADDITIONAL";
		if (!is_target(ldns_pkt_answer(pkt), LDNS_RR_TYPE_SRV, 3, owner) &&
			!is_target(ldns_pkt_additional(pkt), LDNS_RR_TYPE_SRV, 3,
				owner) &&
			!is_target(ldns_pkt_authority(pkt), LDNS_RR_TYPE_NS, 0, owner))
			return "an address that nobody asked for";
	}
	return NULL;
}

/* One RRset of NS, at or above the name where the answer's CNAMEs end, and nothing that was asked for. */
static const char *fault_of_referral(const ldns_pkt *pkt, bool answered)
{
	const ldns_rr_list *l = ldns_pkt_authority(pkt);
	size_t n = ldns_pkt_ancount(pkt);
	const ldns_rdf *name =
		n > 0 ? rdf(ldns_rr_list_rr(ldns_pkt_answer(pkt), n - 1), 0)
		      : ldns_rr_owner(ldns_rr_list_rr(ldns_pkt_question(pkt), 0));

	if (answered)
		return "a referral beside an answer";
	for (size_t i = 0; i < ldns_rr_list_rr_count(l); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(l, i);

		if (!same_rrset(rr, ldns_rr_list_rr(l, 0)))
			return "several RRsets in a referral";
		if (ldns_dname_compare(ldns_rr_owner(rr), name) != 0 &&
			!ldns_dname_is_subdomain(name, ldns_rr_owner(rr)))
			return "a referral to elsewhere";
	}
	return NULL;
}

/* A SOA where something is not there, and nowhere else, or a referral. */
static const char *fault_of_authority(const ldns_pkt *pkt, ldns_rr_type last)
{
	const ldns_rr *question = ldns_rr_list_rr(ldns_pkt_question(pkt), 0);
	ldns_rr_type type = ldns_rr_get_type(question);
	bool answered =
		ldns_pkt_ancount(pkt) > 0 && (last == type || type == LDNS_RR_TYPE_ANY);
	const ldns_rr *soa;

	if (ldns_pkt_nscount(pkt) == 0) {
		/* A chain may leave our zones, or end at the limit of links. */
		bool may_miss = answered || ldns_pkt_tc(pkt) ||
				(last == LDNS_RR_TYPE_CNAME &&
					ldns_pkt_get_rcode(pkt) == LDNS_RCODE_NOERROR);

		return may_miss ? NULL : "no SOA where data is missing";
	}
	if (is_referral(pkt))
		return fault_of_referral(pkt, answered);
	soa = ldns_rr_list_rr(ldns_pkt_authority(pkt), 0);
	if (ldns_pkt_nscount(pkt) != 1 || ldns_rr_get_type(soa) != LDNS_RR_TYPE_SOA)
		return "something else than one SOA in AUTHORITY";
	if (answered)
		return "a SOA beside an answer";
	if (ldns_rr_ttl(soa) > ldns_rdf2native_int32(rdf(soa, 6)))
		return "a SOA whose TTL is above its MINIMUM";
	return NULL;
}

static const char *fault_of_records(const ldns_pkt *pkt)
{
	ldns_rr_type last = LDNS_RR_TYPE_NULL;
	ldns_rr_class class;
	const char *fault;

	if (!ldns_pkt_aa(pkt) && !is_referral(pkt)) {
		bool bare = ldns_pkt_ancount(pkt) + ldns_pkt_nscount(pkt) +
				    ldns_pkt_arcount(pkt) ==
			    0;

		return bare ? NULL : "records beside an error";
	}
	if (ldns_pkt_qdcount(pkt) != 1)
		return "an answer without a question";
	class = ldns_rr_get_class(ldns_rr_list_rr(ldns_pkt_question(pkt), 0));
	if ((fault = fault_of_section(ldns_pkt_answer(pkt), class)) != NULL ||
		(fault = fault_of_section(ldns_pkt_authority(pkt), class)) != NULL ||
		(fault = fault_of_section(ldns_pkt_additional(pkt), class)) != NULL ||
		(fault = fault_of_answer(pkt, &last)) != NULL ||
		(fault = fault_of_additional(pkt)) != NULL)
		return fault;
	return fault_of_authority(pkt, last);
}

const char *oracle_fault(const struct oracle_case *c)
{
	bool due = c->query_len >= HEADER && (c->query[2] & 0x80) == 0;
	ldns_pkt *pkt = NULL;
	const char *fault;

	if (c->reply_len == 0)
		return due && !c->is_limited ? "silence" : NULL;
	if (!due)
		return "a reply where none is due";
	if (c->reply_len < HEADER)
		return "less than a header";
	if (ldns_wire2pkt(&pkt, c->reply, c->reply_len) != LDNS_STATUS_OK)
		return "ldns does not parse it";
	fault = fault_of_octets(c, pkt);
	if (fault == NULL)
		fault = fault_of_header(c, pkt);
	if (fault == NULL)
		fault = fault_of_records(pkt);
	ldns_pkt_free(pkt);
	return fault;
}

/* ---- text ------------------------------------------------------------------------------------- */

/* "owner ttl type rdata", or of a question "owner type". */
static void describe_rr(const ldns_rr *rr, bool question, struct buf *out)
{
	char *owner = ldns_rdf2str(ldns_rr_owner(rr));
	char *type = ldns_rr_type2str(ldns_rr_get_type(rr));

	if (question)
		buf_printf(out, "%s %s", owner, type);
	else
		buf_printf(out, "%s %u %s", owner, ldns_rr_ttl(rr), type);
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		char *text = ldns_rdf2str(rdf(rr, i));

		buf_printf(out, " %s", text);
		free(text);
	}
	buf_add_text(out, "\n");
	free(owner);
	free(type);
}

static void describe_section(const ldns_rr_list *l, char sign, struct buf *out)
{
	for (size_t i = 0; l != NULL && i < ldns_rr_list_rr_count(l); i++) {
		buf_printf(out, "%c ", sign);
		describe_rr(ldns_rr_list_rr(l, i), sign == '?', out);
	}
}

void oracle_describe(const uint8_t *reply, size_t len, struct buf *out)
{
	ldns_pkt *p = NULL;
	char *rcode;

	if (len == 0) {
		buf_add_text(out, "silence\n");
		return;
	}
	if (ldns_wire2pkt(&p, reply, len) != LDNS_STATUS_OK) {
		buf_add_text(out, "no message\n");
		return;
	}
	rcode = ldns_pkt_rcode2str(ldns_pkt_get_rcode(p));
	buf_printf(out, "%s%s%s%s%s%s%s", rcode, ldns_pkt_qr(p) ? " qr" : "",
		ldns_pkt_aa(p) ? " aa" : "", ldns_pkt_tc(p) ? " tc" : "",
		ldns_pkt_rd(p) ? " rd" : "", ldns_pkt_ra(p) ? " ra" : "",
		ldns_pkt_ad(p) || ldns_pkt_cd(p) ? " ad/cd" : "");
	free(rcode);
	if (ldns_pkt_edns(p))
		buf_printf(out, " edns=%u%s", ldns_pkt_edns_udp_size(p),
			ldns_pkt_edns_do(p) ? " do" : "");
	if (ldns_pkt_edns(p) && ldns_pkt_edns_extended_rcode(p) != 0)
		buf_printf(out, " extended=%u", ldns_pkt_edns_extended_rcode(p));
	buf_add_text(out, "\n");
	describe_section(ldns_pkt_question(p), '?', out);
	describe_section(ldns_pkt_answer(p), '=', out);
	describe_section(ldns_pkt_authority(p), '-', out);
	describe_section(ldns_pkt_additional(p), '+', out);
	ldns_pkt_free(p);
}
