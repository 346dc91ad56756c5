/* SPDX-License-Identifier: MIT */
/*
 * discover.h -- DiscoverInstances: which instances of a service, in random order.
 *
 * Source: Cloud Map API reference, DiscoverInstances.
 */
#ifndef REGISTRY_DISCOVER_H
#define REGISTRY_DISCOVER_H

#include "registry/registry.h"

enum discover_health {
	DISCOVER_HEALTHY,
	DISCOVER_UNHEALTHY,
	DISCOVER_ALL,
	DISCOVER_HEALTHY_OR_ELSE_ALL
};

enum health_status {
	HEALTH_STATUS_HEALTHY,
	HEALTH_STATUS_UNHEALTHY,
	HEALTH_STATUS_UNKNOWN
};

/* UNKNOWN when the service has no health check of any kind. */
enum health_status instance_health(const struct service *s,
	const struct instance *i) CMAP_NONNULL;

struct discover_request {
	const struct service *service;
	uint32_t max_results; /* 1..1000 */
	enum discover_health health;
	struct attributes query; /* all must match */
	struct attributes
		optional; /* narrow the answer if at least one instance matches them, too */
};

/*
 * Puts up to max_results instances to found, a uniform random choice in random order, and
 * returns how many. Instances whose lease has ended are left out. found has room for max_results.
 */
uint32_t registry_discover(const struct registry *r,
	const struct discover_request *request, struct instance **found) CMAP_NONNULL;

#endif
