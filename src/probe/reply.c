/* SPDX-License-Identifier: MIT */
#include "probe/reply.h"

#include <string.h>

#include "wire/dns.h"
#include "wire/message.h"

/* Where the records of a reply begin; 0: it is no reply. */
static size_t skip_question(const uint8_t *reply, size_t len)
{
	struct dname name;
	size_t at;

	if (len < DNS_HEADER_LEN || dns_get16(reply + 4) != 1)
		return 0;
	at = message_name(reply, len, DNS_HEADER_LEN, &name);
	return at == 0 ? 0 : at + 4;
}

static uint16_t rcode_of(const uint8_t *reply)
{
	return dns_get16(reply + 2) & 0xF;
}

bool reply_read(const uint8_t *reply, size_t len, uint16_t type,
	struct reply_addresses *out)
{
	struct message_reader in = {
		.base = reply, .len = len, .at = skip_question(reply, len)};
	size_t size = type == DNS_A ? 4 : 16;
	CMAP_UNINITIALIZED struct message_record rec;
	uint32_t n;

	if (in.at == 0 ||
		(rcode_of(reply) != DNS_NOERROR && rcode_of(reply) != DNS_NXDOMAIN))
		return false;
	n = dns_get16(reply + 6) + (uint32_t)dns_get16(reply + 8);
	out->n = 0;
	out->ttl = n == 0 ? 0 : REPLY_NONE_TTL * 1000;
	for (; n > 0 && message_read(&in, &rec); n--) {
		if (rec.ttl < out->ttl)
			out->ttl = rec.ttl;
		if (rec.type == type && rec.rdata_len == size &&
			out->n < REPLY_ADDRESSES_MAX)
			memcpy(out->octets + out->n++ * size, reply + rec.rdata, size);
	}
	if (out->n == 0 && out->ttl > REPLY_NONE_TTL)
		out->ttl = REPLY_NONE_TTL;
	return !in.bad;
}

/* The first extended error of an OPT record; 0: none. */
static uint16_t ede_in(const uint8_t *rdata, uint16_t len)
{
	while (len >= 4) {
		uint16_t code = dns_get16(rdata), n = dns_get16(rdata + 2);

		if (n > len - 4)
			return 0;
		if (code == DNS_OPTION_EDE && n >= 2)
			return dns_get16(rdata + 4);
		rdata += 4 + n;
		len = (uint16_t)(len - 4 - n);
	}
	return 0;
}

static uint16_t ede_of(const uint8_t *reply, size_t len)
{
	struct message_reader in = {
		.base = reply, .len = len, .at = skip_question(reply, len)};
	CMAP_UNINITIALIZED struct message_record rec;
	uint32_t n;

	if (in.at == 0)
		return 0;
	n = dns_get16(reply + 6) + (uint32_t)dns_get16(reply + 8) +
	    dns_get16(reply + 10);
	for (; n > 0 && message_read(&in, &rec); n--)
		if (rec.type == DNS_OPT)
			return ede_in(reply + rec.rdata, rec.rdata_len);
	return 0;
}

struct reply_trouble reply_why_not(const uint8_t *reply, size_t len)
{
	static const struct reply_trouble known[] = {
		{DNS_EDE_CACHED_ERROR, "upstream resolvers have failed just now"},
		{DNS_EDE_NOT_READY, "it is not known yet, or too many queries wait"},
		{DNS_EDE_NOT_AUTHORITATIVE, "it is not ours, and not forwarded"},
		{DNS_EDE_NO_REACHABLE_AUTHORITY, "upstream resolvers have no answer"},
		{DNS_EDE_NETWORK_ERROR, "no upstream resolver answers"}};
	struct reply_trouble out = {.text = "the reply makes no sense"};
	uint16_t ede = ede_of(reply, len);

	if (len == 0)
		return (struct reply_trouble){.text = "no reply has come"};
	for (size_t i = 0; i < CMAP_COUNT(known); i++)
		if (known[i].ede == ede)
			return known[i];
	if (len >= DNS_HEADER_LEN && rcode_of(reply) == DNS_SERVFAIL)
		out.text = "SERVFAIL";
	else if (len >= DNS_HEADER_LEN && rcode_of(reply) == DNS_REFUSED)
		out.text = "REFUSED";
	return out;
}
