/* SPDX-License-Identifier: MIT */
/*
 * PTR: the names that have an address.
 *
 * An instance of a service with SRV records has a name of its own, others have that of their service, once for all. The
 * unhealthy are left out as long as another that has the address is healthy.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wire/dns.h"
#include "zone/draft.h"
#include "zone/reverse.h"

enum { NAMES_MAX = 64 }; /* of an address */

struct name {
	struct service *service;
	const struct instance *instance; /* whose own name it is; NULL: the service's */
	uint32_t n;                      /* instances that stand for it */
	uint32_t slot;
	int64_t end_ms; /* the latest end of their leases */
};

struct name_list {
	struct name name[NAMES_MAX];
	uint32_t n;
	bool healthy_only; /* the unhealthy stand for no name */
};

/* Who sees the entry sees the namespace of i. */
static bool is_seen(const struct compile_source *src, const struct instance *i)
{
	return (i->service->ns->shown_views & src->views) != 0;
}

static bool has_healthy(const struct compile_source *src)
{
	const struct instance *i;
	struct reverse_look look = {0};

	while ((i = reverse_next(src->reverse, &look)) != NULL)
		if (!i->is_unhealthy && is_seen(src, i))
			return true;
	return false;
}

/* The name of i in the list, added if it is not there; NULL: it is full. */
static struct name *list_find(struct name_list *list, const struct instance *i)
{
	bool is_own = service_record(i->service, RECORD_SRV) != NULL;
	uint32_t at = is_own ? list->n : 0;

	while (at < list->n && (list->name[at].instance != NULL ||
				       list->name[at].service != i->service))
		at++;
	if (at == NAMES_MAX)
		return NULL;
	if (at == list->n) {
		list->name[at] = (struct name){
			.service = i->service, .instance = is_own ? i : NULL};
		list->n++;
	}
	return &list->name[at];
}

static void collect(struct name_list *list, const struct compile_source *src)
{
	struct instance *i;
	struct reverse_look look = {0};

	list->n = 0;
	list->healthy_only = has_healthy(src);
	while ((i = reverse_next(src->reverse, &look)) != NULL) {
		struct name *name;

		if ((list->healthy_only && i->is_unhealthy) || !is_seen(src, i))
			continue;
		name = list_find(list, i);
		if (name == NULL)
			continue;
		name->slot = i->lease_slot;
		if (name->n++ == 0 || i->lease_end_ms > name->end_ms)
			name->end_ms = i->lease_end_ms;
	}
}

/* Several that stand for one name share a slot, which ends with the last of their leases. */
static void share_slot(struct name *name, bool healthy_only, struct reverse *r,
	struct published *p, struct compiled *out)
{
	name->slot = 0;
	if (name->end_ms == MODEL_LEASE_NONE)
		return;
	name->slot = lease_alloc(&p->leases, &p->grace, name->end_ms);
	out->slot = xreallocarray(out->slot, out->n + 1, sizeof(*out->slot));
	out->slot[out->n++] = name->slot;
	r->groups = xreallocarray(r->groups, r->n_groups + 1, sizeof(*r->groups));
	r->groups[r->n_groups++] =
		(struct reverse_group){.service = name->service->node,
			.slot = name->slot,
			.healthy_only = healthy_only};
}

static uint32_t ttl_of(const struct service *s, enum address_family family)
{
	const struct dns_record *record = service_record(s, RECORD_SRV);

	if (record == NULL)
		record = service_record(s,
			family == ADDRESS_IPV4 ? RECORD_A : RECORD_AAAA);
	return record == NULL ? 0 : record->ttl;
}

/* The name in wire form. Returns its octets; 0 if it cannot be one. */
static uint16_t write_name(const struct name *name, uint8_t out[DNAME_MAX])
{
	const struct node *service = name->service->node;

	if (service == NULL)
		return 0;
	if (name->instance != NULL)
		return compile_target_name(name->instance->id, service->name,
			service->name_len, out);
	memcpy(out, service->name, service->name_len);
	return service->name_len;
}

void compile_reverse(struct draft *d, const struct compile_source *src,
	const struct zone_options *options, struct published *p, struct compiled *out)
{
	struct reverse *r = src->reverse;
	struct draft_rrset *s = draft_add(d, DNS_PTR, UINT32_MAX);
	struct name_list list;

	s->pick = options->answers;
	s->rotation = src->rotation;
	collect(&list, src);
	for (uint32_t i = 0; i < list.n; i++) {
		uint32_t ttl = ttl_of(list.name[i].service, r->family);

		s->ttl = ttl < s->ttl ? ttl : s->ttl;
	}
	for (uint32_t i = 0; i < list.n; i++) {
		uint8_t rdata[DNAME_MAX];
		uint16_t len = write_name(&list.name[i], rdata);

		if (len == 0)
			continue;
		if (list.name[i].n > 1)
			share_slot(&list.name[i], list.healthy_only, r, p, out);
		draft_record(s, list.name[i].slot, rdata, len);
	}
	if (s->n == 0)
		draft_drop(d);
}
