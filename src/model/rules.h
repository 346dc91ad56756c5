/* SPDX-License-Identifier: MIT */
/*
 * rules.h -- Cloud Map's rules of form and of sense, and cmap's own, each in one place.
 *
 * Source: Cloud Map API reference and its service model (patterns); RFC 1035 s2.3.4 for what a
 *         name in the DNS can be.
 */
#ifndef MODEL_RULES_H
#define MODEL_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "model/fault.h"
#include "model/model.h"

#define RULES_INSTANCE_ID_MAX      64
#define RULES_ATTRIBUTE_KEY_MAX    255
#define RULES_ATTRIBUTE_VALUE_MAX  1024
#define RULES_CUSTOM_ATTRIBUTES    30
#define RULES_ATTRIBUTES_TOTAL_MAX 5000 /* bytes of all keys and values */
#define RULES_NAMED_PORTS          16   /* of one instance */
#define RULES_TAGS                 50   /* of one resource */
#define RULES_SERVICE_ATTRIBUTES   30
#define RULES_LEASE_MIN_MS         1000
#define RULES_LEASE_MAX_MS         INT64_C(604800000) /* 7 days */

/* Patterns of the service model. len bytes, which may hold any octet. */
bool rules_is_attribute_key(const char *s, size_t len);
bool rules_is_attribute_value(const char *s, size_t len);
bool rules_is_instance_id(const char *s, size_t len);
bool rules_is_namespace_name(const char *s, size_t len);
bool rules_is_namespace_name_http(const char *s, size_t len);
bool rules_is_namespace_name_private(const char *s, size_t len);
bool rules_is_namespace_name_public(const char *s, size_t len);
bool rules_is_service_name(const char *s, size_t len);

/*
 * Rules of sense; each sets *f and returns false at the first that is broken.
 * ns->name of a DNS namespace must be a domain name.
 */
bool rules_check_namespace(const struct namespace *ns, struct fault *f) CMAP_NONNULL;
/* s against its namespace: records, routing, health checks, and the length of its name in the DNS. */
bool rules_check_service(const struct namespace *ns, const struct service *s,
	struct fault *f) CMAP_NONNULL;
/*
 * The form of tags: their characters, and that none begins with aws:. Their lengths are for who reads them to check,
 * their number for who knows what they are added to.
 */
bool rules_check_tags(const struct attributes *tags, struct fault *f) CMAP_NONNULL;
/* i's id and attributes against its service, its namespace given by s->ns. */
bool rules_check_instance(const struct service *s, const struct instance *i,
	struct fault *f) CMAP_NONNULL;

/*
 * The DNS names these publish, as text in lower case without a trailing dot; the caller frees it. NULL if
 * nothing is published: an HTTP namespace, an API-only service, an instance without named ports in a service without
 * SRV.
 */
char *rules_service_dns_name(const struct namespace *ns,
	const struct service *s) CMAP_NONNULL;
char *rules_instance_dns_name(const struct service *s,
	const struct instance *i) CMAP_NONNULL;

#endif
