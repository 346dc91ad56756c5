/* SPDX-License-Identifier: MIT */
/*
 * client.h -- asks the API of cmapd: one POST with JSON a call, over a connection that
 * is kept.
 *
 * Source: AWS JSON 1.1 (X-Amz-Target), over the Unix socket or TCP of struct ctl.
 */
#ifndef CTL_CLIENT_H
#define CTL_CLIENT_H

#include <jansson.h>

#include "base/compiler.h"
#include "ctl/ctl.h"

/* The targets: Cloud Map's operations, and cmap's own. */
#define CLIENT_AWS(operation)  "Route53AutoNaming_v20170314." operation
#define CLIENT_CMAP(operation) "Cmap_v1." operation

/* Why a call failed. */
struct failure {
	int status;    /* what the program exits with because of it */
	char type[64]; /* "NamespaceNotFound"; "" when cmapd did not answer that way */
	char message[1024]; /* one sentence, as cmapd or this room worded it */
};

/*
 * Asks for operation; request is taken over. CTL_OK with the answer, an object, in
 * *reply (caller: json_decref), or f->status with *f filled and nothing said: the
 * caller knows what the user wanted.
 */
int client_call(struct ctl *c, const char *operation, json_t *request, json_t **reply,
	struct failure *f) CMAP_NONNULL CMAP_MUST_USE;
/*
 * As client_call(), for what a user hears of only if it fails, or by --json: what fails is
 * said with name, as client_say() does.
 */
int client_do(struct ctl *c, const char *operation, json_t *request,
	const char *name) CMAP_NONNULL CMAP_MUST_USE;
/*
 * Calls operation until there is no NextToken. *items is all that came under the name of
 * member, an array or an object as the pages have it. request is taken over; otherwise as client_call().
 */
int client_list(struct ctl *c, const char *operation, json_t *request,
	const char *member, json_t **items,
	struct failure *f) CMAP_NONNULL CMAP_MUST_USE;
void client_free(struct client *client);

/*
 * Reads the error that cmapd answered with HTTP status http (not 200) into *f; error may be
 * NULL or no error at all. Returns f->status.
 */
int client_read_failure(long http, const json_t *error, struct failure *f)
	__attribute__((nonnull(3)));

/*
 * Says *f in one line, with a hint what to do, and returns f->status. name is the
 * service or namespace asked about, id the instance; either may be NULL.
 */
int client_say(const struct ctl *c, const struct failure *f, const char *name,
	const char *id) __attribute__((nonnull(1, 2)));

#endif
