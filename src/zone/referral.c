/* SPDX-License-Identifier: MIT */
#include "zone/referral.h"

#include <string.h>

#include "wire/dns.h"

/* Copies the record at r to the reply under the owner given; false if it does not fit. */
static bool copy_record(const struct entry *e, const struct record *r, uint16_t owner,
	struct reply *reply)
{
	size_t len = r[1].offset - r[0].offset;

	if (len > reply->limit - reply->len)
		return false;
	memcpy(reply->base + reply->len, entry_at(e, r->offset), len);
	dns_put16(reply->base + reply->len, owner);
	reply->len += len;
	return true;
}

/* start: where the NS records stand in the reply. */
static void write_glue(const struct entry *e, size_t start, struct reply *reply,
	struct referral *out)
{
	const struct rrset *glue = entry_find(e, ENTRY_GLUE);
	const struct record *r;

	if (glue == NULL)
		return;
	r = entry_at(e, glue->records);
	for (uint32_t i = 0; i < glue->n; i++) {
		size_t target = start + dns_get16(entry_at(e, r[i].offset));

		if (target > DNS_POINTER_MAX ||
			!copy_record(e, &r[i], (uint16_t)(DNS_POINTER | target),
				reply)) {
			out->truncated = out->truncated || r[i].slot != 0;
			return;
		}
		out->n_glue++;
	}
}

void referral_write(const struct entry *e, uint16_t owner, struct reply *reply,
	struct referral *out)
{
	const struct rrset *ns = entry_find(e, ENTRY_REFERRAL);
	const struct record *r;
	size_t start = reply->len;

	*out = (struct referral){.n_ns = 0};
	if (ns == NULL)
		return;
	r = entry_at(e, ns->records);
	for (uint32_t i = 0; i < ns->n; i++) {
		if (!copy_record(e, &r[i], owner, reply)) {
			out->truncated = true;
			return;
		}
		out->n_ns++;
	}
	write_glue(e, start, reply, out);
}
