/* SPDX-License-Identifier: MIT */
/*
 * settings.h -- what the threads that answer are told by the configuration, replaced as a whole.
 *
 * Owner:  once published, the readers', until their next quiescent state; the control thread replaces and
 *         retires it.
 */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/prefix.h"
#include "forward/forward.h"
#include "server/cookie.h"
#include "server/own_names.h"
#include "zone/entry.h"
#include "zone/grace.h"

#define SETTINGS_PREFIXES_MAX 64
#define SETTINGS_TEXT_MAX     255 /* a TXT string's, and so NSID's here */

/* Whoever asks from there is in that view. */
struct view_network {
	struct prefix prefix;
	uint16_t view;
};

struct settings {
	struct retired retired;
	struct cookie_secrets cookies;
	struct own_names own;
	uint32_t
		rate_limit; /* UDP replies of a kind to a prefix in a second; 0: no limit */
	uint32_t
		rate_slip; /* every how many of those beyond it are sent cut short; 0: none */
	struct forward
		*forward; /* server.c's; NULL: names outside our zones are refused */
	uint32_t n_forward_allow;
	struct prefix forward_allow[SETTINGS_PREFIXES_MAX]; /* who may ask for them */
	uint32_t n_networks;                                /* 0: there are no views */
	struct view_network network[SETTINGS_PREFIXES_MAX]; /* small ones first */
	uint16_t
		keepalive_ds; /* the idle time of TCP connections, in tenths of a second */
	char server_id[SETTINGS_TEXT_MAX + 1]; /* NSID and id.server; "": not told */
	char version[SETTINGS_TEXT_MAX + 1];   /* version.bind; "": not told */
};

#endif
