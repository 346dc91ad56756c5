/* SPDX-License-Identifier: MIT */
/*
 * reserved.h -- the attributes that mean something to cmap: keys and forms of values.
 *
 * Source: Cloud Map API reference, RegisterInstance.Attributes; CMAP_* are cmap's own.
 */
#ifndef MODEL_RESERVED_H
#define MODEL_RESERVED_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/compiler.h"

#define RESERVED_IPV4            "AWS_INSTANCE_IPV4"
#define RESERVED_IPV6            "AWS_INSTANCE_IPV6"
#define RESERVED_PORT            "AWS_INSTANCE_PORT"
#define RESERVED_CNAME           "AWS_INSTANCE_CNAME"
#define RESERVED_ALIAS           "AWS_ALIAS_DNS_NAME"
#define RESERVED_EC2_INSTANCE_ID "AWS_EC2_INSTANCE_ID"
#define RESERVED_INIT_HEALTH     "AWS_INIT_HEALTH_STATUS"
#define RESERVED_LEASE           "CMAP_LEASE"
#define RESERVED_WEIGHT          "CMAP_WEIGHT"
#define RESERVED_PUBLIC_IPV4     "CMAP_PUBLIC_IPV4"
#define RESERVED_PUBLIC_IPV6     "CMAP_PUBLIC_IPV6"
#define RESERVED_NAMED_PORT      "CMAP_PORT_" /* and the port's name */
#define RESERVED_AWS_PREFIX      "AWS_"
#define RESERVED_INSTANCE_PREFIX "AWS_INSTANCE_"
#define RESERVED_CMAP_PREFIX     "CMAP_"

/*
 * CMAP_E_INVALID if text is no dotted quad or IPv6 address; CMAP_E_RANGE if it is one that
 * no instance can have: unspecified, broadcast, multicast.
 */
int reserved_parse_ipv4(const char *text,
	struct in_addr *out) CMAP_NONNULL CMAP_MUST_USE;
int reserved_parse_ipv6(const char *text,
	struct in6_addr *out) CMAP_NONNULL CMAP_MUST_USE;
/* 1..65535 in decimal digits; CMAP_E_INVALID for anything else. */
int reserved_parse_port(const char *text, uint16_t *out) CMAP_NONNULL CMAP_MUST_USE;
/* A duration (base/duration.h); CMAP_E_RANGE outside RULES_LEASE_MIN_MS..RULES_LEASE_MAX_MS. */
int reserved_parse_lease(const char *text, int64_t *out_ms) CMAP_NONNULL CMAP_MUST_USE;

/* What the key of a named port says: CMAP_PORT_http, CMAP_PORT_dns.udp. */
struct reserved_port {
	char name[16]; /* a service name as in RFC 6335 s5.1, in lower case */
	bool is_udp;
};

static inline bool reserved_is_named_port(const char *key)
{
	return strncmp(key, RESERVED_NAMED_PORT, sizeof(RESERVED_NAMED_PORT) - 1) == 0;
}

/* key: reserved_is_named_port(). CMAP_E_INVALID if what stands behind that names none. */
int reserved_parse_port_key(const char *key,
	struct reserved_port *out) CMAP_NONNULL CMAP_MUST_USE;
/* 1..255 in decimal digits; CMAP_E_INVALID for anything else. */
int reserved_parse_weight(const char *text, uint8_t *out) CMAP_NONNULL CMAP_MUST_USE;

#endif
