/* SPDX-License-Identifier: MIT */
/*
 * registry.h -- the one writer: commands become deltas, deltas become durable, then visible.
 *
 * Flow:   registry_submit() queues a command. When no batch is under way, all that is queued is decided
 *         against the model, in order, and goes to the store as one batch. When the store says
 *         APPLIED, the deltas are applied to the model, the names touched are published, and then each
 *         command's done() is called: who was told can resolve at once.
 *         A command that would touch what the batch at hand changes waits for the next one.
 * Thread: the control thread only. done() may come from inside registry_submit(), when a command is
 *         refused at once.
 * Owner:  a command belongs to the registry from submit to done(); what it carries in is taken over and freed.
 */
#ifndef REGISTRY_REGISTRY_H
#define REGISTRY_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/loop.h"
#include "model/fault.h"
#include "model/model.h"
#include "store/store.h"
#include "zone/zone.h"

struct registry;

struct registry_options {
	const char *account; /* 12 digits; borrowed, as region */
	const char *region;
	uint32_t operations;    /* finished operations that stay queryable */
	uint32_t max_instances; /* in one service */
	int64_t health_delay_ms; /* from UpdateInstanceCustomHealthStatus to its effect */
};

/* The registry borrows loop, store and zone; the store's events are its own from now on. */
struct registry *registry_new(const struct registry_options *options, struct loop *loop,
	struct store *store, struct zone *zone) CMAP_NONNULL CMAP_MUST_USE;
/* Commands still queued are answered FAULT_SERVICE_UNAVAILABLE. Close the store first. */
void registry_free(struct registry *r);

/*
 * Asks the store for everything; loaded() is called once, with NULL, when all of it is published, or with
 * the reason (borrowed) why it could not be loaded. Each lease starts with its full term.
 */
void registry_load(struct registry *r, void (*loaded)(void *arg, const char *reason),
	void *arg);

enum command_type {
	COMMAND_CREATE_NAMESPACE,
	COMMAND_UPDATE_NAMESPACE,
	COMMAND_DELETE_NAMESPACE,
	COMMAND_CREATE_SERVICE,
	COMMAND_UPDATE_SERVICE,
	COMMAND_DELETE_SERVICE,
	COMMAND_REGISTER_INSTANCE,
	COMMAND_DEREGISTER_INSTANCE,
	COMMAND_UPDATE_HEALTH,
	COMMAND_CHANGE_TAGS,       /* of a namespace or a service */
	COMMAND_CHANGE_ATTRIBUTES, /* of a service itself */
	COMMAND_EXPIRE_INSTANCE,   /* the registry's own: a lease has ended */
	COMMAND_SETTLE_HEALTH,     /* the registry's own: the delay is over */
	COMMAND_SAVE_LEASES /* the registry's own: tell the store when leases end */
};

struct command {
	enum command_type type;
	void (*done)(struct command *c);
	void *arg;
	/* In. What its type needs; ids are bare, not ARNs. */
	/*
	 * CREATE_NAMESPACE: name, type, vpc, ...; id still empty. UPDATE_NAMESPACE: the type that it must have, and
	 * what is to change; NULL and -1 stay as they are.
	 */
	struct namespace *ns;
	/*
	 * CREATE_SERVICE: namespace_id, name, ...; id still empty. UPDATE_SERVICE: description, NULL for the one it
	 * has; records, and the health check it is to have.
	 */
	struct service *service;
	bool with_records;         /* UPDATE_SERVICE: without, it loses those it has */
	struct instance *instance; /* REGISTER_INSTANCE: as instance_new() makes it */
	struct attributes put;     /* CHANGE_*: pairs to add or replace */
	struct attributes remove;  /* CHANGE_*: the keys to take out; no values */
	char id[MODEL_ID_TEXT]; /* UPDATE_*, DELETE_*, CHANGE_*: what; of an instance:
				      its service */
	char *instance_id;      /* of an instance, all but REGISTER */
	bool is_unhealthy;      /* UPDATE_HEALTH */
	/* Out, for done(). On fault nothing was changed. */
	struct fault fault;
	char operation_id[MODEL_OPERATION_TEXT]; /* where Cloud Map gives one */
	char created_id
		[MODEL_ID_TEXT]; /* CREATE_*: of the new, or the same existing, thing */
	/* The registry's own. */
	struct command *next;
};

/* A zeroed command of that type. */
struct command *command_new(enum command_type type) CMAP_MUST_USE;
/* Also what the registry did not take over. */
void command_free(struct command *c);

void registry_submit(struct registry *r, struct command *c) CMAP_NONNULL;

/* Nothing waits and nothing is with the store. */
bool registry_is_idle(const struct registry *r) CMAP_NONNULL;

/* What is applied and published, for reading. */
const struct model *registry_model(const struct registry *r) CMAP_NONNULL;
const struct registry_options *registry_options(const struct registry *r) CMAP_NONNULL;
int64_t registry_now_ms(const struct registry *r) CMAP_NONNULL;
/* The namespace or service, or NULL with *f set to ...NotFound. id_or_arn: either form. */
struct namespace *registry_find_namespace(const struct registry *r,
	const char *id_or_arn, struct fault *f) CMAP_NONNULL;
struct service *registry_find_service(const struct registry *r, const char *id_or_arn,
	struct fault *f) CMAP_NONNULL;
/* An instance whose lease has not ended, or NULL with *f set. */
struct instance *registry_find_instance(const struct registry *r,
	const struct service *s, const char *id, struct fault *f) CMAP_NONNULL;

/*
 * Gives i's lease its full term again, at once and in memory only. CMAP_E_NOT_FOUND if it has ended,
 * CMAP_E_INVALID if i has no lease.
 */
int registry_renew(struct registry *r, struct instance *i) CMAP_NONNULL CMAP_MUST_USE;

/* As zone_watch_aliases() (zone/zone.h): which targets of alias instances are wanted. */
void registry_watch_aliases(struct registry *r,
	void (*changed)(void *arg, const char *name, bool is_wanted), void *arg)
	__attribute__((nonnull(1, 2)));
/*
 * What the target's addresses are now, as zone_set_alias() takes them: published at once. No store is told, and no
 * revision moves.
 */
void registry_set_alias(struct registry *r, const char *name, uint16_t type,
	const uint8_t *octets, uint32_t n, uint32_t ttl) __attribute__((nonnull(1, 2)));
/* The same, as zone_forget_alias(). */
void registry_forget_alias(struct registry *r, const char *name, uint16_t type,
	uint8_t ede) CMAP_NONNULL;
/* As zone_alias_is_loop(). */
bool registry_alias_is_loop(const struct registry *r,
	const char *name) CMAP_NONNULL CMAP_MUST_USE;

/*
 * A page of ns's whole zone, as zone/export.h has it: take() is called for each record, its texts as in a zone file.
 * token: NULL for the first page; next gets the token for the page behind it, and stays empty if that was the last.
 * false, with *f set, if ns has no DNS or token is none of its.
 */
bool registry_export(const struct registry *r, const struct namespace *ns,
	const char *token,
	void (*take)(void *arg, const char *name, const char *type, uint32_t ttl,
		const char *data),
	void *arg, struct buf *next, struct fault *f)
	__attribute__((nonnull(1, 2, 4, 6, 7)));

/* "ok", "waiting" (a batch has been with the store for over a second) or "failing". */
const char *registry_store_state(const struct registry *r) CMAP_NONNULL;

#endif
