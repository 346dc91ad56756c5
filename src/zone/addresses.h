/* SPDX-License-Identifier: MIT */
/*
 * addresses.h -- the addresses of a service, each once, with the lease that decides when it goes.
 *
 * Several instances may have one address (bridge mode: one host, many ports). It is given out once, for as long
 * as any of them lives: such instances share a lease slot, which ends with the last of their leases.
 */
#ifndef ZONE_ADDRESSES_H
#define ZONE_ADDRESSES_H

#include <stdint.h>

#include "model/model.h"
#include "zone/table.h"

enum address_family { ADDRESS_IPV4, ADDRESS_IPV6 };

struct address {
	uint8_t octets[16];
	uint32_t slot;  /* of its lease; 0: none */
	uint32_t n;     /* instances that have it */
	uint8_t weight; /* the greatest of theirs */
	bool has_alias; /* one of them is an alias: the address is not bound to their leases */
	int64_t end_ms; /* the latest end of their leases */
};

struct aliases;

/* Where the addresses of instances come from. */
struct address_source {
	const struct aliases *aliases;
	/*
	 * For those outside of all views: an instance that has addresses for them (CMAP_PUBLIC_IPV4, CMAP_PUBLIC_IPV6)
	 * has these alone.
	 */
	bool is_outside;
};

/* The octets of i's own address of that family, or NULL. */
const void *address_own(const struct instance *i,
	enum address_family family) CMAP_NONNULL;
/*
 * The addresses that i brings to its service's name, back to back, and how many; they last until the next call. An
 * instance has one of a family or none, an alias those of its target.
 */
const uint8_t *address_of(const struct address_source *src, const struct instance *i,
	enum address_family family, uint32_t *n) CMAP_NONNULL;

struct address_list {
	struct address *address; /* in the order first registered */
	uint32_t n;
	uint32_t *index; /* hash of the octets to position + 1 */
	uint32_t mask;
};

/*
 * Fills list with those of the instances given (compile.h) and of the targets of aliases, and notes in each instance whether it shares its address, and the slot it shares, if any. Slots made are added to *slots, of
 * which there are *n_slots; addresses_free() leaves them. For outside nothing is noted and no slot is shared: an
 * address of several instances goes when the name is compiled anew.
 */
void addresses_collect(struct address_list *list, const struct address_source *src,
	struct service *s, enum address_family family, struct published *p,
	uint32_t **slots, uint32_t *n_slots) CMAP_NONNULL;
void addresses_free(struct address_list *list) CMAP_NONNULL;

static inline uint16_t address_len(enum address_family family)
{
	return family == ADDRESS_IPV4 ? 4 : 16;
}

#endif
