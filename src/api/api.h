/* SPDX-License-Identifier: MIT */
/*
 * api.h -- the registration socket: HTTP/1.1 with JSON, on a Unix socket and on TCP.
 *
 * Thread: the control thread; everything runs in its loop.
 * Source: AWS JSON 1.1 with X-Amz-Target; Cloud Map API reference.
 */
#ifndef API_API_H
#define API_API_H

#include <stdint.h>

#include "api/access_keys.h"
#include "base/buf.h"
#include "base/counter.h"
#include "base/loop.h"
#include "registry/registry.h"

struct api;

/* Targets of aliases: not known yet; whose last answer is good; stays although no answer comes; neither. */
struct api_aliases {
	uint32_t n_new, n_good, n_stale, n_lost;
};

struct api_options {
	uint32_t max_connections;
	int64_t request_deadline_ms; /* from the first byte of a request to its last */
	/* What Status tells beside the registry's own figures; all borrowed. */
	const char *version;
	const char *store_path;
	const char *const *listeners; /* "udp 127.0.0.1:53", ...; NULL ends it */
	void (*counters)(void *arg, uint64_t sum[COUNTER_N]);
	void (*aliases)(void *arg, struct api_aliases *out);
	void *counters_arg; /* of both */
};

struct api *api_new(const struct api_options *options, struct loop *loop,
	struct registry *registry) CMAP_MUST_USE;
/*
 * From now on a request over TCP must be signed with one of keys, which are the api's from now on; NULL: it need not.
 */
void api_set_keys(struct api *a, struct access_keys *keys) __attribute__((nonnull(1)));
/* Accepts on fd, a listening socket of either family, which is the api's from now on. */
int api_listen(struct api *a, int fd) CMAP_NONNULL CMAP_MUST_USE;
/* Stops accepting; requests under way are answered. */
void api_stop_listening(struct api *a) CMAP_NONNULL;
/* Connections still open. */
uint32_t api_connections(const struct api *a) CMAP_NONNULL;
void api_free(struct api *a);

#endif
