/* SPDX-License-Identifier: MIT */
#include "forward/image.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wire/dns.h"
#include "wire/message.h"

enum {
	CHAIN_MAX = 16,          /* CNAMEs that are followed */
	TTL_MAX = 86400,         /* RFC 8767 s4: longer is not believed */
	NEGATIVE_TTL_MAX = 3600, /* RFC 2308 s5 */
	GIVEN_MAX = 32,          /* names whose addresses may come along */
	RCODE_MASK = 0xF,
	FIELDS_MAX = 65535 / 11 /* records that a message has room for */
};

enum section { SECTION_ANSWER, SECTION_AUTHORITY, SECTION_ADDITIONAL, SECTIONS };

/* A message that is being read. */
struct reading {
	const struct forward_question *q;
	struct message_reader in;
	uint16_t count[SECTIONS];
	size_t begin[SECTIONS]; /* where each section begins */
	uint16_t rcode;
	bool has_opt;
	bool is_authoritative;

	struct message_writer out;
	struct image_record *record;
	uint16_t taken[SECTIONS];
	uint32_t ttl;
	struct dname name; /* where the chain has come to, in lower case */
};

/* ---- what the message is ------------------------------------------------------------------------ */

static void lower(const struct dname *d, struct dname *out)
{
	out->len = d->len;
	dname_lower(d->wire, d->len, out->wire);
}

static bool same_name(const struct dname *a, const struct dname *b)
{
	return a->len == b->len && memcmp(a->wire, b->wire, a->len) == 0;
}

/*
 * Whether the message answers that question: what RFC 5452 s9.1 wants compared, the address aside. Returns the offset
 * behind its question; 0: it does not.
 */
static size_t match(const struct forward_question *q, uint16_t id, const uint8_t *p,
	size_t len)
{
	struct dname name;
	size_t end;

	if (len < DNS_HEADER_LEN || dns_get16(p) != id || !(p[2] & 0x80) ||
		(p[2] >> 3 & 0xF) != DNS_OPCODE_QUERY || dns_get16(p + 4) != 1)
		return 0;
	end = message_name(p, len, DNS_HEADER_LEN, &name);
	if (end == 0 || len - end < 4)
		return 0;
	lower(&name, &name);
	return same_name(&name, &q->name) && dns_get16(p + end) == q->type &&
			       dns_get16(p + end + 2) == q->class
		       ? end + 4
		       : 0;
}

/* Steps over all records: that they parse, where the sections begin, and the OPT. */
static bool survey(struct reading *r)
{
	CMAP_UNINITIALIZED struct message_record rec;

	for (int s = 0; s < SECTIONS; s++) {
		r->begin[s] = r->in.at;
		for (uint16_t i = 0; i < r->count[s]; i++) {
			if (!message_read(&r->in, &rec))
				return false;
			if (rec.type != DNS_OPT)
				continue;
			if (s != SECTION_ADDITIONAL || r->has_opt || rec.owner.len != 1)
				return false;
			r->has_opt = true;
			/* Its TTL is none: the upper bits may be set. */
			r->rcode |= (uint16_t)(r->in.base[rec.rdata - 6] << 4);
		}
	}
	return true;
}

/* ---- what is taken over ------------------------------------------------------------------------- */

/* Writes rec; keeps the least of all TTLs. false: the message does not parse, or is too long to be rewritten. */
static bool take(struct reading *r, enum section s, const struct message_record *rec)
{
	size_t at = r->out.len, ttl_at;

	if (!message_write(&r->out, &r->in, rec, &ttl_at))
		return false;
	r->record[r->taken[0] + r->taken[1] + r->taken[2]] =
		(struct image_record){(uint16_t)at, (uint16_t)ttl_at};
	r->taken[s]++;
	if (rec->ttl < r->ttl)
		r->ttl = rec->ttl;
	return true;
}

/* The type that a signature is of; that of any other record itself. */
static uint16_t type_signed(const struct reading *r, const struct message_record *rec)
{
	if (rec->type != DNS_RRSIG || rec->rdata_len < 2)
		return rec->type;
	return dns_get16(r->in.base + rec->rdata);
}

static bool is_wanted(const struct reading *r, const struct message_record *rec,
	uint16_t type)
{
	if (rec->class != r->q->class || rec->type == DNS_OPT ||
		(rec->type == DNS_RRSIG && !r->q->dnssec_ok &&
			r->q->type != DNS_RRSIG && r->q->type != DNS_ANY))
		return false;
	return type == DNS_ANY || rec->type == type || type_signed(r, rec) == type;
}

/* Goes through section s from its beginning. */
#define FOR_SECTION(r, s, rec)                                                         \
	(r)->in.at = (r)->begin[s];                                                    \
	for (uint16_t left = (r)->count[s];                                            \
		left > 0 && message_read(&(r)->in, &(rec)); left--)

/* Takes the records of that type at r->name from the answer section. Returns how many; -1: it does not parse. */
static int take_here(struct reading *r, uint16_t type)
{
	CMAP_UNINITIALIZED struct message_record rec;
	int n = 0;

	FOR_SECTION(r, SECTION_ANSWER, rec)
	{
		lower(&rec.owner, &rec.owner);
		if (!is_wanted(r, &rec, type) || !same_name(&rec.owner, &r->name))
			continue;
		if (!take(r, SECTION_ANSWER, &rec))
			return -1;
		n += rec.type != DNS_RRSIG || r->q->type == DNS_RRSIG;
	}
	return n;
}

/* Moves r->name along the CNAME that stands there. false: there is none, or it does not parse. */
static bool follow(struct reading *r)
{
	CMAP_UNINITIALIZED struct message_record rec;
	struct dname target;

	FOR_SECTION(r, SECTION_ANSWER, rec)
	{
		lower(&rec.owner, &rec.owner);
		if (rec.type != DNS_CNAME || rec.class != r->q->class ||
			!same_name(&rec.owner, &r->name))
			continue;
		if (message_read_target(&r->in, &rec, 0, &target) == 0)
			return false;
		lower(&target, &r->name);
		return true;
	}
	return false;
}

/* Takes the DNAME above r->name that its CNAME was made from (RFC 6672 s3.1), for those who check signatures. */
static bool take_dnames(struct reading *r)
{
	CMAP_UNINITIALIZED struct message_record rec;

	FOR_SECTION(r, SECTION_ANSWER, rec)
	{
		lower(&rec.owner, &rec.owner);
		if (!is_wanted(r, &rec, DNS_DNAME) || same_name(&rec.owner, &r->name) ||
			!dname_is_within(&r->name, &rec.owner))
			continue;
		if (!take(r, SECTION_ANSWER, &rec))
			return false;
	}
	return true;
}

/* The answer section. *found: there are records of the type at the end of the chain. */
static bool take_answer(struct reading *r, bool *found)
{
	*found = false;
	for (int links = 0; links <= CHAIN_MAX; links++) {
		int n = take_here(r, r->q->type);

		if (n != 0) {
			*found = n > 0;
			return n > 0;
		}
		if (r->q->dnssec_ok && !take_dnames(r))
			return false;
		n = take_here(r, DNS_CNAME);
		if (n == 0)
			return true;
		if (n != 1 || !follow(r))
			return false;
	}
	return false; /* a loop, or as good as one */
}

static bool is_proof(uint16_t type)
{
	return type == DNS_NSEC || type == DNS_NSEC3;
}

/*
 * The authority section: the SOA of a zone above the name where there is nothing, and with DO what proves it. *soa: it
 * was there.
 */
static bool take_authority(struct reading *r, bool found, bool *soa)
{
	CMAP_UNINITIALIZED struct message_record rec;

	*soa = false;
	FOR_SECTION(r, SECTION_AUTHORITY, rec)
	{
		uint16_t type = type_signed(r, &rec);
		bool is_soa = type == DNS_SOA && !found;

		lower(&rec.owner, &rec.owner);
		if (!is_wanted(r, &rec, type) ||
			(is_soa ? !dname_is_within(&r->name, &rec.owner)
				: !(is_proof(type) && r->q->dnssec_ok)))
			continue;
		if (rec.type == DNS_SOA) {
			uint32_t minimum;

			if (*soa || rec.rdata_len < 22)
				return false;
			minimum = dns_get32(r->in.base + rec.rdata + rec.rdata_len - 4);
			if (minimum < rec.ttl)
				rec.ttl = minimum;
			*soa = true;
		}
		if (!take(r, SECTION_AUTHORITY, &rec))
			return false;
	}
	return !r->in.bad;
}

/* The names that the answer's SRV or MX records give. Returns how many. */
static int find_given(struct reading *r, struct dname given[GIVEN_MAX])
{
	CMAP_UNINITIALIZED struct message_record rec;
	int n = 0;

	FOR_SECTION(r, SECTION_ANSWER, rec)
	{
		lower(&rec.owner, &rec.owner);
		if (rec.type != r->q->type || rec.class != r->q->class ||
			!same_name(&rec.owner, &r->name))
			continue;
		if (n == GIVEN_MAX)
			break;
		if (message_read_target(&r->in, &rec, rec.type == DNS_SRV ? 6 : 2,
			    &given[n]) == 0)
			continue;
		lower(&given[n], &given[n]);
		n++;
	}
	return n;
}

static bool is_given(const struct dname *given, int n, const struct dname *name)
{
	for (int i = 0; i < n; i++)
		if (same_name(&given[i], name))
			return true;
	return false;
}

static bool take_additional(struct reading *r)
{
	CMAP_UNINITIALIZED struct message_record rec;
	CMAP_UNINITIALIZED struct dname given[GIVEN_MAX];
	int n;

	if (r->q->type != DNS_SRV && r->q->type != DNS_MX)
		return true;
	n = find_given(r, given);
	FOR_SECTION(r, SECTION_ADDITIONAL, rec)
	{
		lower(&rec.owner, &rec.owner);
		if ((is_wanted(r, &rec, DNS_A) || is_wanted(r, &rec, DNS_AAAA)) &&
			is_given(given, n, &rec.owner) &&
			!take(r, SECTION_ADDITIONAL, &rec))
			return false;
	}
	return !r->in.bad;
}

/* Addresses at the end of the answer section: their names are pointers, so they are of one size and can change places. */
static void find_ring(struct image *i)
{
	const uint8_t *octets = image_octets(i) - i->begin;

	for (uint16_t n = i->n_answer; n > 0; n--) {
		const struct image_record *rec = &i->record[n - 1];
		uint16_t type = dns_get16(octets + rec->ttl_at - 4);
		uint16_t size = type == DNS_A ? 16 : 28;

		if ((type != DNS_A && type != DNS_AAAA) || rec->ttl_at - rec->at != 6 ||
			(i->n_ring > 0 && size != i->ring_size))
			break;
		i->n_ring++;
		i->ring_size = size;
	}
}

/* ---- the whole --------------------------------------------------------------------------------- */

static struct image *make_image(const struct reading *r, bool is_positive, bool has_soa)
{
	size_t n = (size_t)r->taken[0] + r->taken[1] + r->taken[2];
	uint16_t begin = (uint16_t)(DNS_HEADER_LEN + r->q->name.len + 4);
	size_t len = r->out.len - begin;
	struct image *i = xmalloc(sizeof(*i) + n * sizeof(i->record[0]) + len);
	uint32_t most = is_positive ? TTL_MAX : NEGATIVE_TTL_MAX;

	*i = (struct image){.rcode = r->rcode,
		.n_answer = r->taken[SECTION_ANSWER],
		.n_authority = r->taken[SECTION_AUTHORITY],
		.n_additional = r->taken[SECTION_ADDITIONAL],
		.ttl = r->ttl < most ? r->ttl : most,
		.begin = begin,
		.end = (uint16_t)r->out.len};
	if (!is_positive && !has_soa)
		i->ttl = 0; /* RFC 2308 s5 */
	memcpy(i->record, r->record, n * sizeof(i->record[0]));
	memcpy(i->record + n, r->out.base + begin, len);
	find_ring(i);
	return i;
}

/* The question stands in the message that is written, for names to point at. */
static void begin_writing(struct reading *r, uint8_t *octets)
{
	size_t len = r->q->name.len;

	r->out = (struct message_writer){.base = octets,
		.len = DNS_HEADER_LEN + len + 4,
		.limit = DNS_MESSAGE_MAX};
	memset(octets, 0, r->out.len);
	memcpy(octets + DNS_HEADER_LEN, r->q->name.wire, len);
	message_know_name(&r->out, DNS_HEADER_LEN);
	r->name = r->q->name;
	r->ttl = TTL_MAX;
}

static enum image_verdict take_all(struct reading *r, struct image **out)
{
	bool found, has_soa;

	if (!take_answer(r, &found) || !take_authority(r, found, &has_soa) ||
		!take_additional(r))
		return IMAGE_BROKEN;
	/* Records, and none that answers; or what there is said not to be. CNAMEs may lead there: RFC 6604 s2. */
	if (found ? r->rcode == DNS_NXDOMAIN
		  : r->count[SECTION_ANSWER] > 0 && r->taken[SECTION_ANSWER] == 0)
		return IMAGE_BROKEN;
	/* A referral: whoever gives one does not resolve for us. */
	if (r->rcode == DNS_NOERROR && !found && !has_soa &&
		r->count[SECTION_AUTHORITY] > 0 && !r->is_authoritative)
		return IMAGE_REFUSED;
	*out = make_image(r, found, has_soa);
	return IMAGE_OK;
}

enum image_verdict image_read(const struct forward_question *q, uint16_t id,
	const uint8_t *message, size_t len, struct image **out)
{
	static _Thread_local uint8_t octets[DNS_MESSAGE_MAX];
	static _Thread_local struct image_record record[FIELDS_MAX];
	struct reading r = {.q = q, .record = record};
	size_t begin = match(q, id, message, len);
	uint16_t flags;

	if (begin == 0)
		return IMAGE_FOREIGN;
	flags = dns_get16(message + 2);
	r.rcode = flags & RCODE_MASK;
	r.is_authoritative = (flags & DNS_AA) != 0;
	for (int s = 0; s < SECTIONS; s++)
		r.count[s] = dns_get16(message + 6 + 2 * s);
	r.in = (struct message_reader){.base = message, .len = len, .at = begin};
	if (flags & DNS_TC)
		return IMAGE_CUT;
	if (!survey(&r))
		return IMAGE_BROKEN;
	if (!r.has_opt && (r.rcode == DNS_FORMERR || r.rcode == DNS_NOTIMP))
		return IMAGE_NO_EDNS;
	if (r.rcode == DNS_BADVERS)
		return IMAGE_NO_EDNS;
	if (r.rcode != DNS_NOERROR && r.rcode != DNS_NXDOMAIN)
		return IMAGE_REFUSED;
	begin_writing(&r, octets);
	return take_all(&r, out);
}
