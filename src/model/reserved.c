/* SPDX-License-Identifier: MIT */
#include "model/reserved.h"

#include <arpa/inet.h>

#include "base/duration.h"
#include "base/error.h"
#include "model/rules.h"

int reserved_parse_ipv4(const char *text, struct in_addr *out)
{
	struct in_addr a;

	if (inet_pton(AF_INET, text, &a) != 1)
		return CMAP_E_INVALID;
	if (a.s_addr == htonl(INADDR_ANY) || a.s_addr == htonl(INADDR_BROADCAST) ||
		IN_MULTICAST(ntohl(a.s_addr)))
		return CMAP_E_RANGE;
	*out = a;
	return CMAP_OK;
}

int reserved_parse_ipv6(const char *text, struct in6_addr *out)
{
	struct in6_addr a;

	if (inet_pton(AF_INET6, text, &a) != 1)
		return CMAP_E_INVALID;
	if (IN6_IS_ADDR_UNSPECIFIED(&a) || IN6_IS_ADDR_MULTICAST(&a))
		return CMAP_E_RANGE;
	*out = a;
	return CMAP_OK;
}

/* 1..max in decimal digits. */
static int parse_number(const char *text, uint32_t max, uint32_t *out)
{
	uint32_t n = 0;

	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '9')
			return CMAP_E_INVALID;
		n = n * 10 + (uint32_t)(*p - '0');
		if (n > max)
			return CMAP_E_INVALID;
	}
	*out = n;
	return n == 0 ? CMAP_E_INVALID : CMAP_OK;
}

int reserved_parse_port(const char *text, uint16_t *out)
{
	uint32_t n;
	int err = parse_number(text, UINT16_MAX, &n);

	if (err == CMAP_OK)
		*out = (uint16_t)n;
	return err;
}

int reserved_parse_port_key(const char *key, struct reserved_port *out)
{
	const char *name = key + strlen(RESERVED_NAMED_PORT);
	size_t len = strcspn(name, ".");
	bool has_letter = false;

	if (len == 0 || len >= sizeof(out->name) || name[0] == '-' ||
		name[len - 1] == '-' ||
		(name[len] != '\0' && strcmp(name + len, ".udp") != 0))
		return CMAP_E_INVALID;
	for (size_t i = 0; i < len; i++) {
		bool is_letter = name[i] >= 'a' && name[i] <= 'z';

		if (!is_letter && !(name[i] >= '0' && name[i] <= '9') &&
			!(name[i] == '-' && name[i + 1] != '-'))
			return CMAP_E_INVALID;
		has_letter = has_letter || is_letter;
	}
	if (!has_letter)
		return CMAP_E_INVALID;
	memcpy(out->name, name, len);
	out->name[len] = '\0';
	out->is_udp = name[len] != '\0';
	return CMAP_OK;
}

int reserved_parse_weight(const char *text, uint8_t *out)
{
	uint32_t n;
	int err = parse_number(text, UINT8_MAX, &n);

	if (err == CMAP_OK)
		*out = (uint8_t)n;
	return err;
}

int reserved_parse_lease(const char *text, int64_t *out_ms)
{
	int64_t ms;
	int err = duration_parse(text, &ms);

	if (err)
		return err;
	if (ms < RULES_LEASE_MIN_MS || ms > RULES_LEASE_MAX_MS)
		return CMAP_E_RANGE;
	*out_ms = ms;
	return CMAP_OK;
}
