/* SPDX-License-Identifier: MIT */
#include "server/own_names.h"

#include <string.h>

#include "zone/soa.h"

enum {
	RECORD_HEAD = 12, /* owner's pointer, type, class, TTL, RDLENGTH */
	SOA_SERIAL = 1
};

bool own_names_have(const struct own_names *o, const uint8_t *name, size_t len)
{
	for (uint8_t i = 0; i < o->n; i++) {
		if (o->name[i].len == len && memcmp(o->name[i].wire, name, len) == 0)
			return true;
	}
	return false;
}

bool own_name_gives_way(const struct entry *e)
{
	return e != NULL &&
	       ((e->flags & ENTRY_CUT) || e->unknown[0] != 0 || e->unknown[1] != 0 ||
		       entry_find(e, DNS_A) != NULL ||
		       entry_find(e, DNS_AAAA) != NULL ||
		       entry_find(e, DNS_CNAME) != NULL);
}

/* All of a record but its data, which is returned; NULL if len octets of that do not fit. */
static uint8_t *begin_record(struct reply *reply, uint16_t owner, uint16_t type,
	uint32_t ttl, size_t len)
{
	uint8_t *at = reply->base + reply->len;

	if (reply->limit - reply->len < RECORD_HEAD + len)
		return NULL;
	dns_put16(at, owner);
	dns_put16(at + 2, type);
	dns_put16(at + 4, DNS_IN);
	dns_put32(at + 6, ttl);
	dns_put16(at + 10, (uint16_t)len);
	reply->len += RECORD_HEAD + len;
	return at + RECORD_HEAD;
}

uint16_t own_names_write(const struct own_names *o, uint16_t owner, struct reply *reply)
{
	const size_t len = o->type == DNS_A ? 4 : 16;
	uint16_t n = 0;

	for (; n < o->n_addresses; n++) {
		uint8_t *data = begin_record(reply, owner, o->type, OWN_TTL, len);

		if (data == NULL)
			break;
		memcpy(data, o->address[n], len);
	}
	return n;
}

uint16_t own_names_write_soa(const struct own_names *o, uint16_t owner,
	struct reply *reply)
{
	/* hostmaster, below the name itself */
	static const uint8_t mailbox[] = "\012hostmaster";
	const size_t mailbox_len = sizeof(mailbox) - 1;
	uint8_t *at = begin_record(reply, owner, DNS_SOA, o->negative_ttl,
		o->nameserver.len + mailbox_len + 2 + SOA_NUMBERS);

	if (at == NULL)
		return 0;
	memcpy(at, o->nameserver.wire, o->nameserver.len);
	at += o->nameserver.len;
	memcpy(at, mailbox, mailbox_len);
	at += mailbox_len;
	dns_put16(at, owner);
	soa_write_numbers(at + 2, SOA_SERIAL, o->negative_ttl);
	return 1;
}
