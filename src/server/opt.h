/* SPDX-License-Identifier: MIT */
/*
 * opt.h -- the OPT record of a reply: our size, the upper bits of the RCODE, and the options that were asked for.
 *
 * Each option is given once, however often it was asked for, and never one that was not, but for EDE.
 * Source: RFC 6891; RFC 5001 (NSID); RFC 7873, RFC 9018 (cookies); RFC 7828 (keepalive); RFC 8914 (EDE).
 */
#ifndef SERVER_OPT_H
#define SERVER_OPT_H

#include "server/settings.h"
#include "wire/query.h"

#define OPT_MAX (DNS_OPT_LEN + 4 + COOKIE_LEN + 4 + SETTINGS_TEXT_MAX + 6 + 6)

struct opt {
	const struct settings *settings; /* NULL: no options */
	const struct client *client;
	uint16_t rcode;    /* of the reply, 12 bits */
	uint16_t udp_size; /* what we say that we take */
	uint16_t ede;      /* 0: none */
	bool is_udp;
	bool cookie_is_good;
	uint32_t now_s; /* wall clock; needed only for a cookie */
};

/* Octets that opt_write() will need, EDE not counted; 0 if q had no OPT. */
size_t opt_len(const struct opt *o, const struct query *q) CMAP_NONNULL;
/* Writes the record to out. EDE is added only if room allows. Returns its octets. */
size_t opt_write(const struct opt *o, const struct query *q, uint8_t *out,
	size_t room) CMAP_NONNULL;

#endif
