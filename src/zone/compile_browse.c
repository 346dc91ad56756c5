/* SPDX-License-Identifier: MIT */
/* What is browsed: PTR records that are lists, and the TXT record of what they name. */
#include <string.h>
#include <strings.h>

#include "wire/dns.h"
#include "zone/browse.h"
#include "zone/draft.h"
#include "zone/ports.h"

enum {
	STRING_MAX = 255,
	TEXT_MAX = 1300 /* octets of a TXT record: RFC 6763 s6.2 */
};

/* ---- TXT ------------------------------------------------------------------------------------------ */

/* key=value as one string: RFC 6763 s6.4. Returns its octets, that of its length included; 0: it makes none. */
static size_t write_pair(const char *key, const char *value, uint8_t *out)
{
	size_t key_len = strlen(key), len = key_len + 1 + strlen(value);

	if (key_len == 0 || len > STRING_MAX)
		return 0;
	for (const char *c = key; *c != '\0'; c++)
		if (*c < 0x20 || *c > 0x7E || *c == '=')
			return 0;
	out[0] = (uint8_t)len;
	memcpy(out + 1, key, key_len);
	out[1 + key_len] = '=';
	memcpy(out + 2 + key_len, value, len - key_len - 1);
	return 1 + len;
}

/* The pair begins with that key, in some case. */
static bool has_key(const uint8_t *pair, const char *key)
{
	size_t len = strlen(key);

	return pair[0] > len && pair[1 + len] == '=' &&
	       strncasecmp((const char *)pair + 1, key, len) == 0;
}

/* Of keys that differ in case alone clients read the first: RFC 6763 s6.4. */
static bool is_there(const uint8_t *text, size_t len, const char *key)
{
	for (size_t at = 0; at < len; at += 1u + text[at])
		if (has_key(text + at, key))
			return true;
	return false;
}

/* The pairs that are of the version, or that are not, behind the len octets that are there. Returns how many are now. */
static size_t write_pairs(const struct attributes *a, bool is_version, size_t len,
	uint8_t text[TEXT_MAX])
{
	const char *key, *value;
	uint32_t pos = 0;

	while (attributes_next(a, &pos, &key, &value)) {
		uint8_t pair[1 + STRING_MAX];
		size_t n = write_pair(key, value, pair);

		if (n == 0 || n > TEXT_MAX - len ||
			(strcasecmp(key, "txtvers") == 0) != is_version ||
			is_there(text, len, key))
			continue;
		memcpy(text + len, pair, n);
		len += n;
	}
	return len;
}

/* Of a TXT record that says nothing, there is one empty string: RFC 6763 s6.1. */
static uint16_t write_text(const struct attributes *a, uint8_t text[TEXT_MAX])
{
	size_t len = write_pairs(a, true, 0, text); /* first: RFC 6763 s6.7 */

	len = write_pairs(a, false, len, text);
	if (len == 0)
		text[len++] = 0;
	return (uint16_t)len;
}

/* The record lives as long as any of those who have the port, and so does the one that lists the name. */
static void compile_text(struct draft *d, const struct compile_source *src,
	struct published *p)
{
	const struct service *s = src->port->service->service;
	int64_t end_ms = INT64_MIN;
	uint8_t text[TEXT_MAX];
	uint16_t len = write_text(&s->attributes, text);
	struct instance *i, *next;

	HASH_ITER (by_id, s->instances, i, next)
		if (i->lease_end_ms > end_ms && compile_port(i, src->port->key) != 0)
			end_ms = i->lease_end_ms;
	lease_set(&p->leases, src->browse->slot, end_ms);
	draft_record(draft_add(d, DNS_TXT, compile_target_ttl(s)), src->browse->slot,
		text, len);
}

/* ---- lists ---------------------------------------------------------------------------------------- */

/* Types and domains are good for as long as that there are no others: for what is told of what is not there. */
static uint32_t ttl_of(const struct browse *list, const struct zone_options *options)
{
	const struct namespace *ns = list->apex->ns;
	uint32_t ttl = UINT32_MAX;

	if (list->kind != BROWSE_TYPE)
		return ns->soa_ttl >= 0 ? (uint32_t)ns->soa_ttl : options->negative_ttl;
	for (const struct browse *b = list->listed; b != NULL; b = b->next) {
		uint32_t other = compile_target_ttl(b->node->port->service->service);

		ttl = other < ttl ? other : ttl;
	}
	return ttl;
}

/* The name that a list has for b, the label of a service in its own case. */
static void write_name(const struct browse *b, uint8_t out[DNAME_MAX])
{
	uint8_t label[BROWSE_LABEL];

	memcpy(out, b->node->name, b->node->name_len);
	if (b->kind == BROWSE_INSTANCE &&
		browse_label(b->node->port->service->service, label))
		memcpy(out, label, 1u + label[0]);
}

static void add_listed(struct draft_rrset *s, const struct browse *list)
{
	for (const struct browse *b = list->listed; b != NULL; b = b->next) {
		uint8_t name[DNAME_MAX];

		write_name(b, name);
		draft_record(s, b->slot, name, b->node->name_len);
	}
	if (list->kind == BROWSE_DOMAIN)
		draft_record(s, 0, list->apex->name, list->apex->name_len);
}

static bool is_node(const struct node *node, const uint8_t *name, size_t len)
{
	return node->name_len == len && memcmp(node->name, name, len) == 0;
}

static bool lists(const struct browse *list, const uint8_t *name, size_t len)
{
	uint8_t lower[DNAME_MAX];

	dname_lower(name, len, lower);
	for (const struct browse *b = list->listed; b != NULL; b = b->next)
		if (is_node(b->node, lower, len))
			return true;
	return list->kind == BROWSE_DOMAIN && is_node(list->apex, lower, len);
}

/* What the zone file lists is listed, too. */
static void add_statics(struct draft_rrset *s, const struct browse *list,
	const struct static_rrset *more)
{
	const uint8_t *rdata;
	uint16_t len;
	size_t at = 0;

	while (static_next(more, &at, &rdata, &len))
		if (!lists(list, rdata, len))
			draft_record(s, 0, rdata, len);
}

static void compile_list(struct draft *d, const struct compile_source *src,
	const struct zone_options *options)
{
	const struct browse *list = src->browse;
	const struct static_rrset *more =
		src->statics == NULL ? NULL : static_rrset(src->statics, DNS_PTR);
	struct draft_rrset *s = draft_add(d, DNS_PTR, ttl_of(list, options));

	s->rotation = src->rotation;
	s->names_services = list->kind == BROWSE_TYPE;
	if (more != NULL && more->ttl < s->ttl)
		s->ttl = more->ttl;
	add_listed(s, list);
	if (more != NULL)
		add_statics(s, list, more);
	if (s->n == 0)
		draft_drop(d);
}

void compile_browse(struct draft *d, const struct compile_source *src,
	const struct zone_options *options, struct published *p)
{
	if (browse_is_list(src->browse))
		compile_list(d, src, options);
	else
		compile_text(d, src, p);
}
