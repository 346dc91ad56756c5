/* SPDX-License-Identifier: MIT */
/*
 * value.h -- the kinds of values options have, each read from text and written as text.
 */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "config/option.h"

extern const struct config_type config_type_addresses; /* struct config_addresses */
extern const struct config_type
	config_type_address; /* struct sock_addr; "" is none, len 0 */
extern const struct config_type config_type_upstreams; /* struct config_upstreams */
extern const struct config_type config_type_names;     /* struct config_names */
extern const struct config_type
	config_type_networks; /* struct config_names, at most max */
extern const struct config_type
	config_type_views; /* struct config_names, NAME NETWORK...; at most max */
extern const struct config_type config_type_name; /* char *, a domain name */
extern const struct config_type
	config_type_api_name; /* char *, a domain name with room for "data-", or "" */
extern const struct config_type config_type_path; /* char *, of at most max bytes */
extern const struct config_type
	config_type_text; /* char *, of at most max bytes, or "" */
extern const struct config_type config_type_account; /* char *, 12 digits */
extern const struct config_type config_type_region;  /* char * */
extern const struct config_type config_type_mode;   /* uint32_t, permissions in octal */
extern const struct config_type config_type_number; /* uint32_t, min..max */
extern const struct config_type config_type_duration; /* int64_t ms, min..max */
extern const struct config_type config_type_seconds;  /* uint32_t s, min..max */
extern const struct config_type config_type_bool;     /* bool */
extern const struct config_type config_type_level;    /* enum log_level */

/* Lists of words, for the kinds that are kept as they are written. */
void value_names_add(struct config_names *list, const char *text) CMAP_NONNULL;
void value_names_format(const void *member, struct buf *out) CMAP_NONNULL;
void value_names_release(void *member) CMAP_NONNULL;

#endif
