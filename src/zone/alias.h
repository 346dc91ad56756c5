/* SPDX-License-Identifier: MIT */
/*
 * alias.h -- targets of alias instances (AWS_ALIAS_DNS_NAME), with the addresses that somebody has found for them.
 *
 * A target stays as long as an instance has it, and until what was changed is published: an instance that is put in
 * another's place finds its addresses. They are volatile: no store knows them.
 *
 * Thread: the control thread.
 */
#ifndef ZONE_ALIAS_H
#define ZONE_ALIAS_H

#include "model/model.h"
#include "zone/addresses.h"

#define ALIAS_TTL_MAX 60 /* seconds; that of AWS's load balancers */

struct node;

struct alias {
	UT_hash_handle hh;
	bool is_idle; /* it is among those without users, or was when it was put there */
	uint32_t n_users;
	struct node **
		user; /* where its instances' services are published: one an instance */
	struct {
		uint8_t *octets; /* addresses, back to back, sorted */
		uint32_t n, ttl;
		uint8_t ede; /* why they are not known (RFC 8914); 0: they are */
	} family[2];         /* by enum address_family */
	char name[];         /* in lower case, without the dot at the end */
};

struct aliases {
	struct alias *table;
	struct alias **idle;
	uint32_t n_idle;
	void (*changed)(void *arg, const char *name, bool is_wanted);
	void *arg;
};

/* The target of i, which must be an alias; NULL if none is known. */
const struct alias *alias_find(const struct aliases *a,
	const struct instance *i) CMAP_NONNULL;
const struct alias *alias_named(const struct aliases *a, const char *name) CMAP_NONNULL;
/* i, published at node, comes or goes. */
void alias_join(struct aliases *a, const struct instance *i,
	struct node *node) CMAP_NONNULL;
void alias_leave(struct aliases *a, const struct instance *i,
	struct node *node) CMAP_NONNULL;
/* Forgets those that nobody has. */
void alias_sweep(struct aliases *a) CMAP_NONNULL;
/* Takes n addresses over, copied; none if there are none. false: they are what it had, in some order. */
bool alias_set(struct alias *alias, enum address_family family, const uint8_t *octets,
	uint32_t n, uint32_t ttl) __attribute__((nonnull(1)));
/* Its addresses are not known any more, and why. false: that is how it was. */
bool alias_forget_addresses(struct alias *alias, enum address_family family,
	uint8_t ede) CMAP_NONNULL;
void alias_free(struct aliases *a) CMAP_NONNULL;

/* The addresses of the target of i, which must be an alias, back to back, and how many. */
const uint8_t *alias_addresses(const struct aliases *a, const struct instance *i,
	enum address_family family, uint32_t *n) CMAP_NONNULL;
/* Why addresses of some alias of s are not known; 0: those of all are. */
uint8_t alias_unknown(const struct aliases *a, const struct service *s,
	enum address_family family) CMAP_NONNULL CMAP_MUST_USE;
/*
 * The TTL of an RRset of s, which has addresses: the least of its targets' and, where an instance has addresses of its
 * own, of ttl, its record's.
 */
uint32_t alias_ttl(const struct aliases *a, const struct service *s,
	enum address_family family, uint32_t ttl) CMAP_NONNULL;

#endif
