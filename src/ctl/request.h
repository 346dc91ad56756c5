/* SPDX-License-Identifier: MIT */
/*
 * request.h -- bodies of requests, made from what the user asked for; nothing is sent
 * here.
 *
 * Owner:  the caller gets the object (json_decref, or client_call takes it over).
 * Source: Cloud Map API reference; "CMAP_LEASE" is cmap's own attribute.
 */
#ifndef CTL_REQUEST_H
#define CTL_REQUEST_H

#include <jansson.h>
#include <netinet/in.h>
#include <stdint.h>

#include "base/compiler.h"
#include "ctl/check.h"

#define REQUEST_TTL_DEFAULT_S 5
#define REQUEST_VPC           "cmap" /* Cloud Map wants one; to cmapd it is a label */

enum record { RECORD_A = 1, RECORD_AAAA = 2, RECORD_SRV = 4, RECORD_CNAME = 8 };

enum namespace_kind { NAMESPACE_PRIVATE, NAMESPACE_PUBLIC, NAMESPACE_HTTP };

/*
 * vpc: of a private one; NULL: REQUEST_VPC. soa_ttl_s < 0 and description NULL: the
 * server's default. tags: as pairs.h has them, borrowed; NULL: none.
 */
json_t *request_namespace(const char *name, enum namespace_kind kind, const char *vpc,
	int64_t soa_ttl_s, const char *description, json_t *tags)
	__attribute__((nonnull(1)));
/* What is to change; soa_ttl_s < 0 and description NULL: nothing of it. */
json_t *request_namespace_update(const char *id, int64_t soa_ttl_s,
	const char *description) __attribute__((nonnull(1)));

/* A service to be made. */
struct service_wish {
	unsigned int records; /* of enum record; 0: none is published */
	uint32_t ttl_s;
	bool weighted;
	bool http; /* say so: no records although the namespace has DNS */
	bool custom_health;
	json_t *tags; /* NULL: none; borrowed */
};

json_t *request_service(const char *namespace_id, const char *name,
	const struct service_wish *w) CMAP_NONNULL;

/*
 * service as the API describes it, all of its configuration sent back, for what is left
 * out is deleted. ttl_s < 0 and description NULL: nothing of it changes.
 */
json_t *request_service_update(const json_t *service, int64_t ttl_s,
	const char *description) __attribute__((nonnull(1)));

/* [{"Key": ..., "Value": ...}, ...] */
json_t *request_tags(json_t *tags) CMAP_NONNULL;

/* An instance to be registered. */
struct registration {
	char name[CHECK_NAME_MAX + 1]; /* SERVICE.NAMESPACE */
	char id[CHECK_INSTANCE_MAX + 1];
	bool has_ipv4;
	bool has_ipv6;
	struct in_addr ipv4;
	struct in6_addr ipv6;
	uint32_t port;     /* 0: none */
	const char *cname; /* NULL: none; borrowed, as alias and lease */
	const char *alias;
	const char *lease;
	uint32_t weight; /* 0: none is said */
	bool unhealthy;
	bool apex; /* name is a namespace's own */
	uint32_t ttl_s;
	bool has_ttl;
	json_t *attributes; /* the user's own */
};

/*
 * An id from address and port: 172-31-16-1-47760, fd00-0-0-0-0-0-0-1-80 (every group
 * written, so it neither begins with '-' nor holds "--"), or the CNAME or alias with its dots as
 * '-'. Always a DNS label; "" if there is nothing to make it from, or it would be too
 * long for one.
 */
void request_derive_id(const struct registration *r,
	char out[CHECK_INSTANCE_MAX + 1]) CMAP_NONNULL;
/* The records that r asks for in DNS. */
unsigned int request_records(const struct registration *r) CMAP_NONNULL;
json_t *request_register(const char *service_id,
	const struct registration *r) CMAP_NONNULL;

/* The enum record called "SRV" and so on; 0 if there is none. */
unsigned int request_record(const char *type) CMAP_NONNULL;
/* "A,SRV"; "" for 0. */
void request_records_text(unsigned int records, char out[24]) CMAP_NONNULL;

#endif
