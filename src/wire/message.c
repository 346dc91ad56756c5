/* SPDX-License-Identifier: MIT */
#include "wire/message.h"

#include <string.h>

#include "wire/dns.h"

enum {
	RECORD_FIXED = 10, /* type, class, TTL and RDLENGTH */
	HOPS_MAX = 127,    /* pointers in a name: it has no more labels to lead to */
	POINTER_BITS = 0xC0
};

/* ---- reading ---------------------------------------------------------------------------------- */

size_t message_name(const uint8_t *message, size_t len, size_t at, struct dname *out)
{
	size_t end = 0; /* behind the name, once a pointer has been followed */
	size_t bound = at;
	size_t n = 0;
	unsigned int hops = 0;

	while (at < len) {
		uint8_t label = message[at];

		if ((label & POINTER_BITS) == POINTER_BITS) {
			size_t to;

			if (at + 2 > len)
				return 0;
			to = dns_get16(message + at) & DNS_POINTER_MAX;
			/* Else it could go round for ever, or nearly so. */
			if (to >= bound || ++hops > HOPS_MAX)
				return 0;
			if (end == 0)
				end = at + 2;
			bound = at = to;
			continue;
		}
		if (label > DNAME_LABEL_MAX || at + 1 + label > len ||
			n + 1 + label > DNAME_MAX)
			return 0;
		memcpy(out->wire + n, message + at, 1u + label);
		n += 1u + label;
		at += 1u + label;
		if (label == 0) {
			out->len = (uint8_t)n;
			return end != 0 ? end : at;
		}
	}
	return 0;
}

bool message_read(struct message_reader *r, struct message_record *out)
{
	const uint8_t *p;
	size_t at;

	if (r->bad)
		return false;
	at = message_name(r->base, r->len, r->at, &out->owner);
	r->bad = at == 0 || r->len - at < RECORD_FIXED;
	if (r->bad)
		return false;
	p = r->base + at;
	out->type = dns_get16(p);
	out->class = dns_get16(p + 2);
	out->ttl = dns_get32(p + 4);
	if (out->ttl > INT32_MAX)
		out->ttl = 0;
	out->rdata_len = dns_get16(p + 8);
	out->rdata = at + RECORD_FIXED;
	r->bad = out->rdata_len > r->len - out->rdata;
	r->at = out->rdata + out->rdata_len;
	return !r->bad;
}

size_t message_read_target(const struct message_reader *r,
	const struct message_record *rec, size_t skip, struct dname *out)
{
	size_t end = skip >= rec->rdata_len
			     ? 0
			     : message_name(r->base, r->len, rec->rdata + skip, out);

	return end <= rec->rdata + rec->rdata_len && end != 0 ? end - rec->rdata : 0;
}

/* ---- the data of a record ---------------------------------------------------------------------- */

enum { ANY = 0xFF };

/* Data of a type that holds names, or has one length: octets, then names, then octets. */
struct layout {
	uint16_t type;
	uint8_t before;
	uint8_t names;
	uint8_t after;    /* ANY: to the end */
	bool has_strings; /* NAPTR: three of them, behind the first octets */
	bool compress;    /* RFC 3597 s4: only what RFC 1035 defines */
};

static const struct layout layouts[] = {
	{DNS_A, 4, 0, 0, false, false},
	{DNS_NS, 0, 1, 0, false, true},
	{3 /* MD */, 0, 1, 0, false, true},
	{4 /* MF */, 0, 1, 0, false, true},
	{DNS_CNAME, 0, 1, 0, false, true},
	{DNS_SOA, 0, 2, 20, false, true},
	{7 /* MB */, 0, 1, 0, false, true},
	{8 /* MG */, 0, 1, 0, false, true},
	{9 /* MR */, 0, 1, 0, false, true},
	{DNS_PTR, 0, 1, 0, false, true},
	{14 /* MINFO */, 0, 2, 0, false, true},
	{DNS_MX, 2, 1, 0, false, true},
	{17 /* RP */, 0, 2, 0, false, false},
	{18 /* AFSDB */, 2, 1, 0, false, false},
	{21 /* RT */, 2, 1, 0, false, false},
	{24 /* SIG */, 18, 1, ANY, false, false},
	{26 /* PX */, 2, 2, 0, false, false},
	{DNS_AAAA, 16, 0, 0, false, false},
	{30 /* NXT */, 0, 1, ANY, false, false},
	{DNS_SRV, 6, 1, 0, false, false},
	{35 /* NAPTR */, 4, 1, 0, true, false},
	{36 /* KX */, 2, 1, 0, false, false},
	{DNS_DNAME, 0, 1, 0, false, false},
};

static const struct layout *find_layout(uint16_t type)
{
	for (size_t i = 0; i < CMAP_COUNT(layouts); i++)
		if (layouts[i].type == type)
			return &layouts[i];
	return NULL;
}

/* Octets of rec's data before its first name; false if there are fewer. */
static bool octets_before(const struct message_reader *r,
	const struct message_record *rec, const struct layout *l, size_t *out)
{
	size_t n = l->before;

	for (int i = 0; l->has_strings && i < 3; i++) {
		if (n >= rec->rdata_len)
			return false;
		n += 1u + r->base[rec->rdata + n];
	}
	*out = n;
	return n <= rec->rdata_len;
}

/* ---- writing ---------------------------------------------------------------------------------- */

static void put_octets(struct message_writer *w, const uint8_t *p, size_t len)
{
	if (w->full || len > w->limit - w->len) {
		w->full = true;
		return;
	}
	memcpy(w->base + w->len, p, len);
	w->len += len;
}

static void remember(struct message_writer *w, size_t at, size_t len)
{
	if (at > DNS_POINTER_MAX || w->n_names == MESSAGE_NAMES_MAX)
		return;
	w->name[w->n_names] = (uint16_t)at;
	w->name_len[w->n_names++] = (uint8_t)len;
}

void message_know_name(struct message_writer *w, size_t at)
{
	size_t left = dname_wire_len(w->base + at, w->len - at);

	while (left > 1) {
		size_t label = 1u + w->base[at];

		remember(w, at, left);
		at += label;
		left -= label;
	}
}

/* Where name (len octets, in lower case) stands already; 0: nowhere. */
static size_t find_name(const struct message_writer *w, const uint8_t *name, size_t len)
{
	struct dname there;
	uint8_t lower[DNAME_MAX];

	for (uint16_t i = 0; i < w->n_names; i++) {
		/* The length first: else names of many labels, made for it, take most of a second. */
		if (w->name_len[i] != len ||
			message_name(w->base, w->len, w->name[i], &there) == 0)
			continue;
		dname_lower(there.wire, len, lower);
		if (memcmp(lower, name, len) == 0)
			return w->name[i];
	}
	return 0;
}

static void put_name(struct message_writer *w, const struct dname *name, bool compress)
{
	uint8_t lower[DNAME_MAX];
	uint8_t pointer[2];
	size_t start = w->len;
	size_t at = 0;

	dname_lower(name->wire, name->len, lower);
	for (; compress && name->wire[at] != 0; at += 1u + name->wire[at]) {
		size_t to = find_name(w, lower + at, name->len - at);

		if (to != 0) {
			put_octets(w, name->wire, at);
			dns_put16(pointer, (uint16_t)(DNS_POINTER | to));
			put_octets(w, pointer, sizeof(pointer));
			break;
		}
	}
	if (!compress || name->wire[at] == 0) {
		put_octets(w, name->wire, name->len);
		at = name->len - 1u;
	}
	for (size_t i = 0; !w->full && i < at; i += 1u + name->wire[i])
		remember(w, start + i, name->len - i);
}

/* Copies rec's data. false: it does not parse. */
static bool put_rdata(struct message_writer *w, const struct message_reader *r,
	const struct message_record *rec)
{
	const struct layout *l = find_layout(rec->type);
	const uint8_t *p = r->base + rec->rdata;
	size_t at;

	if (l == NULL) {
		put_octets(w, p, rec->rdata_len);
		return true;
	}
	if (!octets_before(r, rec, l, &at))
		return false;
	put_octets(w, p, at);
	for (uint8_t i = 0; i < l->names; i++) {
		struct dname name;

		at = message_read_target(r, rec, at, &name);
		if (at == 0)
			return false;
		put_name(w, &name, l->compress);
	}
	put_octets(w, p + at, rec->rdata_len - at);
	return l->after == ANY || rec->rdata_len - at == l->after;
}

bool message_write(struct message_writer *w, struct message_reader *r,
	const struct message_record *rec, size_t *ttl_at)
{
	const struct message_writer before = *w;
	uint8_t fixed[RECORD_FIXED];
	size_t rdata;

	if (w->full || r->bad)
		return false;
	put_name(w, &rec->owner, true);
	dns_put16(fixed, rec->type);
	dns_put16(fixed + 2, rec->class);
	dns_put32(fixed + 4, rec->ttl);
	put_octets(w, fixed, sizeof(fixed));
	rdata = w->len;
	r->bad = !put_rdata(w, r, rec);
	if (r->bad || w->full || w->len - rdata > UINT16_MAX) {
		bool full = w->full;

		*w = before;
		w->full = full || !r->bad;
		return false;
	}
	dns_put16(w->base + rdata - 2, (uint16_t)(w->len - rdata));
	*ttl_at = rdata - 6;
	return true;
}
