/* SPDX-License-Identifier: MIT */
/*
 * cookie.h -- DNS cookies: who sends a server cookie of ours has shown that its address is not forged.
 *
 * Shape:  8 octets of the client's, then 16 of ours: version 1, three zeros, the time in seconds since 1970
 *         modulo 2^32, and the SipHash of all before and the client's address.
 * Source: RFC 7873; RFC 9018 (so that servers of one name can share a secret).
 */
#ifndef SERVER_COOKIE_H
#define SERVER_COOKIE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "wire/siphash.h"
#include "zone/answer.h"

#define COOKIE_CLIENT_LEN 8
#define COOKIE_SERVER_LEN 16
#define COOKIE_LEN        (COOKIE_CLIENT_LEN + COOKIE_SERVER_LEN)
#define COOKIE_MAX        40   /* of the option, with whatever server's cookie */
#define COOKIE_PAST_S     3600 /* how old a good one can be: RFC 9018 s4.3 */
#define COOKIE_FUTURE_S   300
#define COOKIE_RENEW_S    1800 /* from when on a good one is replaced */
#define COOKIE_SECRETS    2    /* the one that makes cookies, and its predecessor */

struct cookie_secrets {
	uint8_t n; /* 0: no cookies */
	uint8_t secret[COOKIE_SECRETS][SIPHASH_KEY_LEN];
};

/* Whether the len octets at cookie are a client's cookie and one of ours for it, good at now_s. */
bool cookie_is_good(const struct cookie_secrets *secrets, const struct client *client,
	const uint8_t *cookie, uint8_t len, uint32_t now_s) CMAP_NONNULL;
/*
 * Puts to out what is to be sent back for the client's cookie: the same if it is good and fresh, else one
 * made now. secrets->n is at least 1.
 */
void cookie_answer(const struct cookie_secrets *secrets, const struct client *client,
	const uint8_t *cookie, bool is_good, uint32_t now_s,
	uint8_t out[COOKIE_LEN]) CMAP_NONNULL;

#endif
