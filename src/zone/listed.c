/* SPDX-License-Identifier: MIT */
#include "zone/listed.h"

#include "wire/dname.h"
#include "wire/dns.h"

enum { RECORD_RDLENGTH = 10, RECORD_RDATA = 12 };

/* The RRset of that type, its owner's name standing at offset; false if it does not fit. */
static bool write_rrset(const struct listed_reader *r, const struct entry *e,
	uint16_t type, uint16_t offset, struct reply *reply, struct answer *a)
{
	const struct rrset *s = entry_find(e, type);
	size_t before = reply->len;

	a->n = a->n_targets = 0;
	if (s == NULL)
		return true;
	answer_write(r->published, e, s, r->rotation, r->client, r->now_ms,
		(uint16_t)(DNS_POINTER | offset), reply, a);
	if (a->truncated)
		reply->len = before;
	return !a->truncated;
}

/* What is at the name that stands at offset. false: not all of it fits. */
static bool write_service(const struct listed_reader *r, uint16_t offset, size_t len,
	struct reply *reply, uint16_t *n)
{
	CMAP_UNINITIALIZED struct answer srv, txt;
	uint8_t lower[DNAME_MAX];
	const struct entry *e;

	dname_lower(reply->base + offset, len, lower);
	e = published_find_view(r->published, lower, len, r->view);
	if (e == NULL)
		return true;
	if (!write_rrset(r, e, DNS_SRV, offset, reply, &srv))
		return false;
	*n = (uint16_t)(*n + srv.n);
	if (!write_rrset(r, e, DNS_TXT, offset, reply, &txt))
		return false;
	*n = (uint16_t)(*n + txt.n);
	*n = (uint16_t)(*n + answer_write_additional(&srv, reply));
	return true;
}

uint16_t listed_write(const struct listed_reader *r, const struct answer *a,
	struct reply *reply)
{
	uint16_t written = 0;
	size_t at = a->start;

	for (uint16_t n = a->n; n > 0 && at + RECORD_RDATA <= DNS_POINTER_MAX; n--) {
		size_t len = dns_get16(reply->base + at + RECORD_RDLENGTH);

		at += RECORD_RDATA;
		if (!write_service(r, (uint16_t)at, len, reply, &written))
			break;
		at += len;
	}
	return written;
}
