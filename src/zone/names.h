/* SPDX-License-Identifier: MIT */
/*
 * names.h -- the control thread's tree of names: who publishes at each, and what lies below it.
 *
 * A name exists while somebody publishes at it or a name below it exists (an empty non-terminal,
 * RFC 4592 s2.2.2). The tree of a zone ends at its apex. A name belongs to one zone, the one
 * it was last asked for: names_get() moves what another namespace has left behind.
 *
 * Thread: the control thread.
 */
#ifndef ZONE_NAMES_H
#define ZONE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "model/model.h"
#include "wire/dname.h"
#include "zone/change.h"
#include "zone/static.h"

struct browse;
struct port;
struct reverse;

struct node {
	struct namespace *ns; /* the name is its apex */
	struct service *service;
	struct instance *target;      /* the name is its SRV record's target */
	struct static_owner *statics; /* what its zone file has here */
	struct reverse *reverse;      /* who has the address of this name */
	struct port *port;            /* the named port of this name */
	struct browse *browse;        /* a list of services, or one that is listed */
	struct node *above;           /* NULL at an apex */
	uint64_t number;              /* names are numbered as they are made */
	uint32_t children;            /* names right below, and zones: see nest.h */
	uint32_t
		registered; /* services, targets, ports and lists at the name and below it */
	uint32_t n_aliases; /* instances of the service that are */
	uint32_t n_public;  /* that have addresses for those outside */
	uint32_t rotation;  /* the first of its counters; 0: none yet */
	uint16_t plane;     /* of the tree that it is in: see private.h */
	struct compiled compiled;
	struct changes
		*changes; /* since it was published, unless it is to be compiled */
	struct node *next_dirty;
	bool dirty;
	bool compile;       /* the changes are not all that happened to it */
	bool has_wildcard;  /* the name "*" right below has been made */
	bool is_made;       /* an apex, even of no namespace: see apex.c */
	uint8_t n_variants; /* entries that are published of it */
	uint8_t name_len, apex_len;
	UT_hash_handle hh;
	uint8_t name[]; /* wire form, lower case */
};

struct names {
	struct node *nodes; /* by name, in the order of their numbers */
	uint64_t last_number;
	struct node *dirty;
	uint16_t plane; /* see private.h */
};

/* The node of the name, or NULL. */
struct node *names_find(const struct names *n, const uint8_t *name,
	size_t len) CMAP_NONNULL;
/* The nearest apex above the name, or NULL. */
struct node *names_apex_above(const struct names *n, const uint8_t *name,
	size_t len) CMAP_NONNULL;
/* The node of the name, made if it is missing, with all above it up to the apex. Wire form, any case. */
struct node *names_get(struct names *n, const struct dname *name,
	uint8_t apex_len) CMAP_NONNULL;
/* The same, of a name in lower case, right below the apex: the names between are not made. */
struct node *names_get_right_below(struct names *n, const struct dname *name,
	struct node *apex) CMAP_NONNULL;
/* Puts the node, and its zone's apex, on the list of what is to be compiled. */
void names_touch(struct names *n, struct node *node) CMAP_NONNULL;
/* The same, where no more has changed than the records that the instance brings or takes along. */
void names_touch_instance(struct names *n, struct node *node, const struct instance *i,
	enum change_kind kind) CMAP_NONNULL;
/* What has changed at the node is published. */
void names_published(struct node *node) CMAP_NONNULL;

/* A zone begins at the name. */
static inline bool node_is_apex(const struct node *node)
{
	return node->ns != NULL || node->is_made;
}

static inline bool node_exists(const struct node *node)
{
	return node_is_apex(node) || node->service != NULL || node->target != NULL ||
	       node->statics != NULL || node->reverse != NULL || node->port != NULL ||
	       node->browse != NULL || node->children > 0;
}

/*
 * Counts one more (1) or one less (-1) registration at the node and all above it. Returns the
 * topmost delegation whose standing that changes, or NULL: one gives way to what is registered at or below it.
 */
struct node *names_count(struct node *node, int change) CMAP_NONNULL;
/* The name is a delegation that is in force: nothing is registered there. */
bool node_is_cut(const struct node *node) CMAP_NONNULL;
/* The node belongs to the zone of that apex. */
bool node_is_of_zone(const struct node *node, const struct node *apex) CMAP_NONNULL;
/* The name is above's, or lies below it. */
bool node_is_within(const struct node *node, const struct node *above) CMAP_NONNULL;
/* A delegation in force stands above, so nobody here answers for the name. */
bool node_is_occluded(const struct node *node) CMAP_NONNULL;
/* Takes the node out of the tree and frees it; it must not be on the list, and have nothing below. */
void names_remove(struct names *n, struct node *node) CMAP_NONNULL;
void names_free(struct names *n) CMAP_NONNULL;

#endif
