/* SPDX-License-Identifier: MIT */
/*
 * model.h -- namespaces, services, instances and operations as plain structs, with their indexes.
 *
 * Owner:  a struct belongs to whoever made it until model_put_*() takes it over; the model frees it
 *         when it is replaced or deleted. Pointers found in the model are borrowed until the control
 *         thread applies the next batch.
 * Thread: the control thread only.
 * Source: Cloud Map API reference, data types.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/hash.h"
#include "base/wheel.h"
#include "model/attributes.h"
#include "model/instances.h"

#define MODEL_ID_TEXT        24 /* "srv-" or "ns-", 16 characters, NUL */
#define MODEL_OPERATION_TEXT 48 /* 32 characters, "-", milliseconds in base 36, NUL */
#define MODEL_LEASE_NONE     INT64_MAX

enum namespace_type { NAMESPACE_DNS_PUBLIC, NAMESPACE_DNS_PRIVATE, NAMESPACE_HTTP };
enum record_type { RECORD_A, RECORD_AAAA, RECORD_SRV, RECORD_CNAME, RECORD_N };
enum routing_policy { ROUTING_MULTIVALUE, ROUTING_WEIGHTED };
enum health_type { HEALTH_HTTP, HEALTH_HTTPS, HEALTH_TCP };
enum operation_type {
	OPERATION_CREATE_NAMESPACE,
	OPERATION_DELETE_NAMESPACE,
	OPERATION_UPDATE_NAMESPACE,
	OPERATION_UPDATE_SERVICE,
	OPERATION_REGISTER_INSTANCE,
	OPERATION_DEREGISTER_INSTANCE
};

/* The names the API gives the values of the enums above; *_from_name: CMAP_E_INVALID if unknown. */
const char *namespace_type_name(enum namespace_type t);
const char *record_type_name(enum record_type t);
const char *routing_policy_name(enum routing_policy r);
const char *health_type_name(enum health_type t);
const char *operation_type_name(enum operation_type t);
int namespace_type_from_name(const char *name, enum namespace_type *out) CMAP_MUST_USE;
int record_type_from_name(const char *name, enum record_type *out) CMAP_MUST_USE;
int routing_policy_from_name(const char *name, enum routing_policy *out) CMAP_MUST_USE;
int health_type_from_name(const char *name, enum health_type *out) CMAP_MUST_USE;
int operation_type_from_name(const char *name, enum operation_type *out) CMAP_MUST_USE;

struct namespace
{
	char id[MODEL_ID_TEXT];
	enum namespace_type type;
	char *name;                              /* as given */
	char *http_name;                         /* NULL: its name */
	char *creator_request_id;                /* "" if none was given */
	char *description;                       /* NULL if none was given */
	char *vpc;                               /* NULL but for DNS_PRIVATE */
	int64_t soa_ttl;                         /* seconds; -1 if none was given */
	int64_t created_ms;                      /* wall clock */
	char operation_id[MODEL_OPERATION_TEXT]; /* of its creation */
	char *updater_request_id; /* of its last update; NULL if none was given */
	char update_operation_id[MODEL_OPERATION_TEXT]; /* "" before the first */
	struct attributes tags;
	/* the model's own: */
	char *dns_key; /* lower case, no trailing dot; NULL for NAMESPACE_HTTP */
	struct namespace *same_name; /* the next one of that dns_key, or NULL */
	struct service *services;
	uint16_t plane;       /* zone's own: see zone/private.h */
	uint16_t shown_views; /* zone's own: who sees it, as zone/entry.h has it */
	UT_hash_handle by_id, by_name, by_dns_key;
};

struct dns_record {
	enum record_type type;
	uint32_t ttl; /* seconds, 0..2^31-1 */
};

struct health_check {
	enum health_type type;
	char *resource_path;        /* NULL if none was given */
	uint32_t failure_threshold; /* 1..10 */
};

struct service {
	char id[MODEL_ID_TEXT];
	char namespace_id[MODEL_ID_TEXT];
	char *name; /* as given; "." is the zone's apex */
	char *creator_request_id;
	char *description;
	bool http_only;   /* Type=HTTP was asked for, in a DNS namespace */
	bool has_routing; /* RoutingPolicy was given */
	enum routing_policy routing;
	uint8_t n_records; /* 0: no DnsConfig, found by the API only */
	struct dns_record records[RECORD_N];
	bool has_health_check;
	struct health_check health_check;
	bool has_custom_health;
	int64_t created_ms;
	struct attributes tags;
	struct attributes attributes; /* the service's own, not its instances' */
	/* the model's own: */
	struct namespace *ns;
	char *key;                  /* name, lower case in a DNS namespace */
	struct instance *instances; /* in the order first registered: by_id.next */
	struct instance *last_instance;
	struct instance_index index; /* of them, by id */
	uint64_t instances_revision; /* of the last registration or deregistration */
	void *lease_owner; /* who is told when a lease of its instances ends */
	void *node;        /* zone's own: where it is published, or NULL */
	UT_hash_handle by_id, by_key;
};

/* What an instance has in its block beside the struct. */
enum instance_part {
	INSTANCE_LEASED = 1,  /* there is a struct leased around it */
	INSTANCE_CREATOR = 2, /* the text of its creator request stands behind the id */
	/* found among its attributes by instance_read_attributes(): */
	INSTANCE_PUBLIC = 4, /* addresses for those outside: see zone/addresses.h */
	INSTANCE_PORTS = 8   /* named ports */
};

/*
 * There may be millions, so it is one block of memory, made whole by instance_new(): the struct, and
 * behind it its texts. One with a lease stands inside a struct leased.
 */
struct instance {
	/* the model's own: */
	struct service *service;
	struct {
		struct instance *prev, *next;
	} by_id;
	int64_t lease_end_ms; /* monotonic; MODEL_LEASE_NONE without a lease */
	uint32_t lease_slot;  /* where the answer path looks (zone/lease.h); 0: none */
	uint32_t lease_group[2]; /* slots shared with others of its IPv4, IPv6 */
	uint8_t marks;           /* zone's own: see zone/change.h */
	/* read from the attributes by instance_read_attributes(): */
	uint8_t weight; /* 1..255 */
	uint16_t port;  /* 0 if none */
	struct in_addr ipv4;
	uint32_t lease_ms; /* 0: stays until deregistered */
	bool has_ipv4, has_ipv6;
	bool is_alias; /* its addresses are its target's, which zone/alias.h knows */
	bool is_unhealthy; /* at first as AWS_INIT_HEALTH_STATUS says */
	/* of both kinds: */
	bool leaving;  /* the model's own: its deletion is on the way */
	uint8_t parts; /* of enum instance_part */
	uint16_t
		grains; /* the block's size, in POOL_GRAIN, or anything above POOL_BLOCK_MAX */
	struct in6_addr ipv6;
	/* what was registered: */
	int64_t created_ms;           /* of its last registration */
	struct attributes attributes; /* behind the id, until they are changed */
	char id[];
};

struct leased {
	struct timer timer;
	struct leased *dirty_next, **dirty_link; /* among those whose lease_end_ms
						    the store has not heard of */
	struct instance instance;
};

struct operation {
	char id[MODEL_OPERATION_TEXT];
	enum operation_type type;
	int64_t created_ms, updated_ms;
	char namespace_id[MODEL_ID_TEXT]; /* targets; "" where there is none */
	char service_id[MODEL_ID_TEXT];
	char *instance_id; /* NULL where there is none */
	uint64_t sequence; /* place in the ring of operations */
	UT_hash_handle by_id;
};

struct model {
	struct namespace *namespaces;         /* by id, in the order created */
	struct namespace *namespaces_by_name; /* exact: HttpName */
	struct namespace *namespaces_by_dns;  /* by dns_key: the first of each */
	struct service *services;             /* by id, in the order created */
	struct operation *operations;         /* by id */
	struct operation **ring; /* the last n_ring operations by sequence */
	uint32_t n_ring;
	uint64_t next_sequence;
	uint64_t n_instances, n_leased;
	uint64_t revision; /* of the last batch applied */
};

/* operations: how many finished ones are kept, at least 1. */
void model_init(struct model *m, uint32_t operations) CMAP_NONNULL;
void model_free(struct model *m) CMAP_NONNULL;

/* All return NULL when there is no such thing. */
struct namespace *model_namespace(const struct model *m, const char *id) CMAP_NONNULL;
/* By HttpName, exact. */
struct namespace *model_namespace_by_name(const struct model *m,
	const char *name) CMAP_NONNULL;
/*
 * By DNS name, ignoring case and a trailing dot; HTTP namespaces are not found. Of several, that which has no other
 * HttpName is the first; the others follow by same_name.
 */
struct namespace *model_namespace_by_dns(const struct model *m,
	const char *name) CMAP_NONNULL;
/* By HttpName, exact; of a DNS namespace also ignoring case and a trailing dot. */
struct namespace *model_namespace_called(const struct model *m,
	const char *name) CMAP_NONNULL;
struct service *model_service(const struct model *m, const char *id) CMAP_NONNULL;
struct service *model_service_by_name(const struct namespace *ns,
	const char *name) CMAP_NONNULL;
struct instance *model_instance(const struct service *s, const char *id) CMAP_NONNULL;
struct operation *model_operation(const struct model *m, const char *id) CMAP_NONNULL;
/*
 * The namespace whose HttpName is full_name or a suffix of it behind a dot, as by model_namespace_called(). Of several, the longest one that has
 * the service, so that a namespace made later hides none; if none has it, the longest.
 * *service_name is what stands before, in memory the caller frees; "." if nothing does.
 */
struct namespace *model_namespace_above(const struct model *m, const char *full_name,
	char **service_name) CMAP_NONNULL;
uint32_t model_service_count(const struct namespace *ns) CMAP_NONNULL;
uint32_t model_instance_count(const struct service *s) CMAP_NONNULL;

/*
 * Take over a complete struct and free the one of the same id, whose place in the order it
 * gets. A namespace keeps its services (it must not change its type), a service its
 * instances, its lease_owner and the greater instances_revision, an instance its lease_slot
 * and marks (the old one's timer must not be set, nor the old one be among the leases to save). An
 * instance without a lease gets MODEL_LEASE_NONE as its end. The namespace must be there:
 * CMAP_E_NOT_FOUND, and the service stays the caller's.
 */
void model_put_namespace(struct model *m, struct namespace *ns) CMAP_NONNULL;
int model_put_service(struct model *m, struct service *s) CMAP_NONNULL CMAP_MUST_USE;
void model_put_instance(struct model *m, struct service *s,
	struct instance *i) CMAP_NONNULL;
/*
 * The ring: an operation gets its sequence from next_sequence before it is committed, so
 * that the store can use it too, and sits at ring[sequence % n_ring], where it drops what
 * was there, or is itself freed if that is newer (at load, after the ring was made
 * smaller). An operation of the same id is dropped. next_sequence moves past sequence.
 */
void model_put_operation(struct model *m, struct operation *op) CMAP_NONNULL;
/* Take out and free. A namespace must have no services, a service no instances. */
void model_delete_namespace(struct model *m, struct namespace *ns) CMAP_NONNULL;
void model_delete_service(struct model *m, struct service *s) CMAP_NONNULL;
void model_delete_instance(struct model *m, struct instance *i) CMAP_NONNULL;

/* Copies without what is the model's own, to be changed and put in the place of the old one. */
struct namespace *namespace_copy(const struct namespace *ns) CMAP_NONNULL CMAP_MUST_USE;
struct service *service_copy(const struct service *s) CMAP_NONNULL CMAP_MUST_USE;

/* Free structs that no model has taken over. NULL is fine. */
void namespace_free(struct namespace *ns);
void service_free(struct service *s);
void instance_free(struct instance *i);
void operation_free(struct operation *op);

const char *namespace_http_name(const struct namespace *ns) CMAP_NONNULL;
/* The record of that type in s, or NULL. */
const struct dns_record *service_record(const struct service *s,
	enum record_type t) CMAP_NONNULL;
/*
 * All of it is copied. creator_request_id: "" if none was given. The fields read from the attributes are not filled
 * yet. It has a struct leased around it if it has the attribute CMAP_LEASE.
 */
struct instance *instance_new(const char *id, const char *creator_request_id,
	const struct attributes *a) CMAP_NONNULL CMAP_MUST_USE;
/* The same, but for what is the model's own. */
struct instance *instance_copy(const struct instance *i) CMAP_NONNULL CMAP_MUST_USE;
/* "" if none was given. */
const char *instance_creator(const struct instance *i) CMAP_NONNULL;
/* What is around i, or NULL if it has no lease. */
static inline struct leased *instance_lease(struct instance *i)
{
	return i->parts & INSTANCE_LEASED ? CONTAINER_OF(i, struct leased, instance)
					  : 0;
}
/*
 * Fills the fields read from the attributes. They have passed rules_check_instance(), or come from
 * the store: CMAP_E_CORRUPT if a reserved one does not parse.
 */
int instance_read_attributes(struct instance *i) CMAP_NONNULL CMAP_MUST_USE;
/* Neither expired at now_ms nor on its way out of the registry. */
static inline bool instance_is_live(const struct instance *i, int64_t now_ms)
{
	return i->lease_end_ms > now_ms;
}

#endif
