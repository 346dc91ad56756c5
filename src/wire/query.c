/* SPDX-License-Identifier: MIT */
#include "wire/query.h"

enum {
	OPT_FIXED = 10, /* type, class, TTL and RDLENGTH, behind the owner name */
	QUESTION_FIXED = 4
};

/* Notes an option that we know; of several the first counts. false: its length is wrong. */
static bool read_option(uint16_t code, const uint8_t *p, uint16_t len, struct query *q)
{
	switch (code) {
	case DNS_OPTION_COOKIE:
		if (len != 8 && (len < 16 || len > 40))
			return false; /* RFC 7873 s5.2.2 */
		if (q->cookie == NULL) {
			q->cookie = p;
			q->cookie_len = (uint8_t)len;
		}
		break;
	case DNS_OPTION_NSID:
		q->wants_nsid = true;
		break;
	case DNS_OPTION_KEEPALIVE:
		q->wants_keepalive = true;
		break;
	case DNS_OPTION_FORWARDERS:
		if (q->forwarders_len == 0) {
			q->forwarders = p;
			q->forwarders_len = len;
		}
		break;
	default:
		break; /* RFC 6891 s6.1.2: ignored */
	}
	return true;
}

/* The options in len octets at p; false if one is malformed or they do not end where the record does. */
static bool read_options(const uint8_t *p, size_t len, struct query *q)
{
	while (len > 0) {
		uint16_t option_len;

		if (len < 4)
			return false;
		option_len = dns_get16(p + 2);
		if (option_len > len - 4 ||
			!read_option(dns_get16(p), p + 4, option_len, q))
			return false;
		p += 4u + option_len;
		len -= 4u + option_len;
	}
	return true;
}

/* Skips a name that may end in a pointer, for records we do not read. 0: it does not
 * parse. */
static size_t skip_name(const uint8_t *p, size_t len)
{
	size_t at = 0;

	while (at < len) {
		if (p[at] == 0)
			return at + 1;
		if ((p[at] & 0xC0) == 0xC0)
			return at + 2 <= len ? at + 2 : 0;
		if (p[at] > DNAME_LABEL_MAX)
			return 0;
		at += 1u + p[at];
	}
	return 0;
}

/* Reads the OPT record whose owner (the root) stands before p. */
static bool read_opt(const uint8_t *p, struct query *q)
{
	uint16_t size = dns_get16(p + 2);

	if (q->has_edns)
		return false; /* two OPT records: RFC 6891 s6.1.1 */
	q->has_edns = true;
	q->udp_size = size < DNS_UDP_MIN ? DNS_UDP_MIN : size;
	q->edns_version = p[5];
	q->dnssec_ok = (p[6] & 0x80) != 0;
	return read_options(p + OPT_FIXED, dns_get16(p + 8), q);
}

/*
 * The octets of the record at p, and of its owner name; 0 if it does not parse. Not inlined, it costs each
 * query with EDNS 20 instructions.
 */
static inline __attribute__((always_inline)) size_t record_len(const uint8_t *p,
	size_t len, size_t *owner)
{
	size_t end;

	*owner = skip_name(p, len);
	if (*owner == 0 || len - *owner < OPT_FIXED)
		return 0;
	end = *owner + OPT_FIXED + dns_get16(p + *owner + 8);
	return end > len ? 0 : end;
}

/* The additional section: an OPT is read, anything else stepped over. */
static bool read_additional(const uint8_t *p, size_t len, uint16_t count,
	struct query *q)
{
	for (; count > 0; count--) {
		size_t owner, end = record_len(p, len, &owner);

		if (end == 0)
			return false;
		if (dns_get16(p + owner) == DNS_OPT &&
			(p[0] != 0 || !read_opt(p + owner, q)))
			return false;
		p += end;
		len -= end;
	}
	return true;
}

/*
 * Looks for the OPT record of a message whose other sections are not read, because the reply is an error
 * anyway: it is due an OPT, too (RFC 6891 s6.1.1). What is not laid out as messages are has none.
 */
CMAP_APART static void find_opt(const uint8_t *message, size_t len, struct query *q)
{
	const uint8_t *p = message + DNS_HEADER_LEN;
	uint32_t records = dns_get16(message + 6) + (uint32_t)dns_get16(message + 8);
	size_t owner, end;

	for (uint16_t n = dns_get16(message + 4); n > 0; n--) {
		end = skip_name(p, len);
		if (end == 0 || len - end < QUESTION_FIXED)
			return;
		p += end + QUESTION_FIXED;
		len -= end + QUESTION_FIXED;
	}
	for (; records > 0; records--) {
		end = record_len(p, len, &owner);
		if (end == 0)
			return;
		p += end;
		len -= end;
	}
	(void)read_additional(p, len, dns_get16(message + 10), q);
}

/* The question at p; false if it is not a plain name with type and class. */
static bool read_question(const uint8_t *p, size_t len, struct query *q)
{
	size_t name_len = dname_wire_len(p, len);

	if (name_len == 0 || len - name_len < 4)
		return false;
	q->qname = p;
	q->qname_len = (uint8_t)name_len;
	q->qtype = dns_get16(p + name_len);
	q->qclass = dns_get16(p + name_len + 2);
	dname_lower(p, name_len, q->name);
	return true;
}

enum query_verdict query_parse(const uint8_t *message, size_t len, struct query *q)
{
	const uint8_t *p = message + DNS_HEADER_LEN;

	if (len < DNS_HEADER_LEN || (dns_get16(message + 2) & DNS_QR))
		return QUERY_SILENCE;
	q->id = dns_get16(message);
	q->flags = dns_get16(message + 2);
	q->qname_len = 0;
	q->udp_size = DNS_UDP_MIN;
	q->has_edns = false;
	q->dnssec_ok = false;
	q->edns_version = 0;
	q->cookie = NULL;
	q->forwarders_len = 0;
	q->wants_nsid = false;
	q->wants_keepalive = false;
	len -= DNS_HEADER_LEN;
	if ((q->flags >> 11 & 0xF) != DNS_OPCODE_QUERY) {
		find_opt(message, len, q);
		return QUERY_NOTIMP;
	}
	/* One question (RFC 9619), and nothing in the sections that answers fill. */
	if (dns_get16(message + 4) > 1 || dns_get32(message + 6) != 0) {
		find_opt(message, len, q);
		return QUERY_FORMERR;
	}
	if (dns_get16(message + 4) == 0) {
		bool parsed = read_additional(p, len, dns_get16(message + 10), q);

		return parsed && q->cookie != NULL ? QUERY_COOKIE : QUERY_FORMERR;
	}
	if (!read_question(p, len, q)) {
		find_opt(message, len, q);
		return QUERY_FORMERR;
	}
	p += query_question_len(q);
	len -= query_question_len(q);
	if (!read_additional(p, len, dns_get16(message + 10), q))
		return QUERY_FORMERR;
	return QUERY_ANSWER;
}
