/* SPDX-License-Identifier: MIT */
/*
 * arpa.h -- the names of addresses and of networks, below in-addr.arpa and ip6.arpa.
 *
 * Shape:  lower case. A label stands for 8 bits of an IPv4 address, for 4 of an IPv6 address; only networks that end
 *         with a label have names.
 * Thread: any.
 * Source: RFC 1035 s3.5, RFC 3596 s2.5.
 */
#ifndef ZONE_ARPA_H
#define ZONE_ARPA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/prefix.h"
#include "wire/dname.h"

/* The name of p, which ends with a label; an address is a network of one. */
void arpa_name(const struct prefix *p, struct dname *out) CMAP_NONNULL;
/* How many networks p falls into that have names: 1 if it has one itself, up to 128 else. */
uint32_t arpa_networks(const struct prefix *p) CMAP_NONNULL CMAP_MUST_USE;
/* The name of that one of them. */
void arpa_network_name(const struct prefix *p, uint32_t number,
	struct dname *out) CMAP_NONNULL;

/* The name lies in in-addr.arpa or ip6.arpa. */
bool arpa_is_within(const uint8_t *name, size_t len) CMAP_NONNULL;
/* The name is that of an IPv6 network within p, or of an address. */
bool arpa_is_in_network(const struct prefix *p, const uint8_t *name,
	size_t len) CMAP_NONNULL;
/* The name is that of an IPv6 network of more than one address. */
bool arpa_is_network(const uint8_t *name, size_t len) CMAP_NONNULL;

#endif
