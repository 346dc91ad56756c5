/* SPDX-License-Identifier: MIT */
/*
 * own_names.h -- names under which the server itself is found: its API's, and the same with "data-" in front.
 *
 * They are no zones, and give way to those: where a service or a zone file has addresses or an alias for such a
 * name, or delegates it, that is answered. Otherwise its addresses are ours, in a zone of others or in none.
 *
 * Shape: names in wire form, lower case; addresses of one family, in network order.
 */
#ifndef SERVER_OWN_NAMES_H
#define SERVER_OWN_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "wire/dname.h"
#include "wire/dns.h"
#include "zone/answer.h"

#define OWN_NAMES         2
#define OWN_ADDRESSES_MAX 8
#define OWN_TTL           60

struct own_names {
	uint8_t n; /* 0: none */
	struct dname name[OWN_NAMES];
	uint16_t type; /* DNS_A or DNS_AAAA */
	uint8_t n_addresses;
	uint8_t address[OWN_ADDRESSES_MAX][16]; /* 4 octets of them for DNS_A */
	/* Of a SOA at the name, where no zone has one. */
	struct dname nameserver;
	uint32_t negative_ttl;
};

bool own_names_have(const struct own_names *o, const uint8_t *name,
	size_t len) CMAP_NONNULL;
/* e, what is published at such a name, is answered in place of our addresses. NULL: nothing is. */
bool own_name_gives_way(const struct entry *e);
/* Adds the addresses as records of the name at owner. Returns how many; fewer, with TC to be set, if not all fit. */
uint16_t own_names_write(const struct own_names *o, uint16_t owner,
	struct reply *reply) CMAP_NONNULL;
/* Adds the SOA of a zone that begins at the name at owner. Returns 1, or 0 if it does not fit. */
uint16_t own_names_write_soa(const struct own_names *o, uint16_t owner,
	struct reply *reply) CMAP_NONNULL;

#endif
