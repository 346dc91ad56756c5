/* SPDX-License-Identifier: MIT */
#include "zone/export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "wire/dns.h"
#include "wire/zonetext.h"
#include "zone/private.h"

enum { RECORD_RDATA = 12 };

struct page {
	const struct zone *z;
	const struct export_reader *reader;
	size_t octets;
	char name[DNAME_TEXT];
};

static void give(struct page *p, uint16_t type, uint32_t ttl, const uint8_t *rdata,
	uint16_t len)
{
	char type_name[ZONETEXT_TYPE_NAME];
	struct buf data = {.data = NULL};

	zonetext_write(type, rdata, len, type_name, &data);
	p->octets += strlen(p->name) + data.len;
	p->reader->take(p->reader->arg, p->name, type_name, ttl, buf_text(&data));
	buf_free(&data);
}

/* ---- what is published --------------------------------------------------------------------------- */

/* The TTL that an answer would have now. */
static uint32_t ttl_now(const struct page *p, const struct rrset *s,
	const struct record *r)
{
	uint32_t ttl = s->ttl;

	for (uint32_t i = 0; i < s->n; i++) {
		int64_t left = lease_end_ms(&p->z->published.leases, r[i].slot);

		if (left == INT64_MAX || left <= p->reader->now_ms)
			continue;
		left = (left - p->reader->now_ms) / 1000;
		if (left < ttl)
			ttl = (uint32_t)left;
	}
	return ttl;
}

static void give_rrset(struct page *p, const struct entry *e, const struct rrset *s)
{
	const struct lease_table *leases = &p->z->published.leases;
	const struct record *r = entry_at(e, s->records);
	uint32_t ttl = s->leased ? ttl_now(p, s, r) : s->ttl;

	for (uint32_t i = 0; i < s->n; i++) {
		const uint8_t *bytes = entry_at(e, r[i].offset);

		if (s->leased && lease_end_ms(leases, r[i].slot) <= p->reader->now_ms)
			continue;
		give(p, dns_get16(bytes + 2), ttl, bytes + RECORD_RDATA,
			dns_get16(bytes + RECORD_RDATA - 2));
		if (s->type == DNS_CNAME)
			return;
	}
}

static void give_entry(struct page *p, const struct entry *e)
{
	for (uint8_t i = 0; i < e->n_rrsets; i++) {
		const struct rrset *s = &entry_rrsets(e)[i];

		if (!entry_is_part(s->type) || s->type == ENTRY_REFERRAL)
			give_rrset(p, e, s);
	}
}

/* Addresses in the zone file that are given in referrals alone. */
static void give_glue(struct page *p, const struct static_owner *o)
{
	static const uint16_t types[] = {DNS_A, DNS_AAAA};

	for (size_t i = 0; i < CMAP_COUNT(types); i++) {
		const struct static_rrset *s = static_rrset(o, types[i]);
		const uint8_t *rdata;
		uint16_t len;
		size_t at = 0;

		while (s != NULL && static_next(s, &at, &rdata, &len))
			give(p, s->type, s->ttl, rdata, len);
	}
}

static void give_node(struct page *p, const struct node *node)
{
	const struct entry_key key = {
		.name = node->name, .len = node->name_len, .plane = node->plane};
	const struct entry *e = published_get(&p->z->published, &key);

	dname_to_text(node->name, p->name);
	if (e != NULL)
		give_entry(p, e);
	if (node->statics != NULL && (node_is_cut(node) || node_is_occluded(node)))
		give_glue(p, node->statics);
}

/* ---- pages --------------------------------------------------------------------------------------- */

/* "NUMBER/NAME" of the last name given. That name may have gone since, its number tells where it was. */
static int find_start(const struct names *n, const struct node *apex,
	const char *cursor, const struct node **out)
{
	char *end;
	struct dname name;
	uint8_t lower[DNAME_MAX];
	const struct node *node;
	unsigned long long number;

	if (cursor[0] < '0' || cursor[0] > '9')
		return CMAP_E_INVALID;
	errno = 0;
	number = strtoull(cursor, &end, 10);
	if (errno != 0 || *end != '/' || dname_from_text(end + 1, &name) != CMAP_OK)
		return CMAP_E_INVALID;
	dname_lower(name.wire, name.len, lower);
	memcpy(name.wire, lower, name.len);
	if (name.len < apex->name_len || memcmp(name.wire + (name.len - apex->name_len),
						 apex->name, apex->name_len) != 0)
		return CMAP_E_INVALID;
	node = names_find(n, name.wire, name.len);
	if (node != NULL && node->number == number) {
		*out = node == apex ? n->nodes : node->hh.next;
		return CMAP_OK;
	}
	for (node = n->nodes; node != NULL && node->number <= number;)
		node = node->hh.next;
	*out = node;
	return CMAP_OK;
}

int zone_export(const struct zone *z, const struct namespace *ns, const char *cursor,
	const struct export_reader *reader, struct buf *next)
{
	struct page p = {.z = z, .reader = reader};
	const struct node *top = plane_apex_of(z, ns), *node, *last = NULL;
	const struct names *n = &zone_plane(z, ns->plane)->names;

	if (top == NULL)
		return CMAP_E_NOT_FOUND;
	node = n->nodes;
	if (cursor[0] == '\0') {
		give_node(&p, top);
		last = top;
	} else if (find_start(n, top, cursor, &node) != CMAP_OK) {
		return CMAP_E_INVALID;
	}
	for (uint32_t given = 0; node != NULL && given < EXPORT_PAGE_NAMES &&
				 p.octets < EXPORT_PAGE_OCTETS;
		node = node->hh.next) {
		if (node == top || !node_is_of_zone(node, top))
			continue;
		give_node(&p, node);
		last = node;
		given++;
	}
	if (node != NULL && last != NULL)
		buf_printf(next, "%llu/%s", (unsigned long long)last->number, p.name);
	return CMAP_OK;
}
