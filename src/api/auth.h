/* SPDX-License-Identifier: MIT */
/*
 * auth.h -- whether a request may be served, and for which region: by the signature it came with.
 *
 * Over a Unix socket its permissions have decided, and over TCP without access keys the configuration has: then only
 * the region is taken from what the client has signed, without a look at the signature.
 */
#ifndef API_AUTH_H
#define API_AUTH_H

#include "api/access_keys.h"
#include "api/http.h"
#include "api/sigv4.h"

/* SigV4's name for Cloud Map; the data- operations have the same. */
#define AUTH_SERVICE "servicediscovery"

/*
 * CMAP_OK, or as sigv4_verify() with a refusal. keys: NULL if none are configured; now_ms: wall clock. *region is ""
 * unless the client has named one.
 */
int auth_check(struct http_exchange *x, const struct access_keys *keys, int64_t now_ms,
	char region[SIGV4_REGION_MAX + 1], struct sigv4_refusal *why)
	__attribute__((nonnull(1, 4, 5))) CMAP_MUST_USE;

#endif
