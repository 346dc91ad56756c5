/* SPDX-License-Identifier: MIT */
/*
 * framing.h -- the messages in the stream of a TCP connection, in whatever pieces it comes.
 *
 * Shape:  each message stands behind its length in two octets. The buffer holds one of the longest that we
 *         take, so there is always room for more once no whole message is left in it.
 * Use:    octets go to where framing_room() says, framing_add() says how many came, and framing_next() gives
 *         the messages, in order, as long as there are any.
 * Source: RFC 1035 s4.2.2, RFC 7766 s8.
 */
#ifndef SERVER_FRAMING_H
#define SERVER_FRAMING_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "wire/dns.h"

#define FRAMING_PREFIX      2
#define FRAMING_MESSAGE_MAX 4096

/* All zero: nothing has come yet. */
struct framing {
	size_t at,
		end; /* octets[at..end) have come and are no message that was given */
	uint8_t octets[FRAMING_PREFIX + FRAMING_MESSAGE_MAX];
};

enum framing_found {
	FRAMING_NONE, /* the rest is yet to come */
	FRAMING_MESSAGE,
	FRAMING_TOO_LONG /* a longer one than we take: its header, enough to answer FORMERR; what follows is
			    lost, and the connection is to be closed */
};

/* Where the next octets are to be put, *room of them. What framing_next() gave is gone. */
uint8_t *framing_room(struct framing *f, size_t *room) CMAP_NONNULL;
/* n octets, no more than there was room for, have come. */
void framing_add(struct framing *f, size_t n) CMAP_NONNULL;
/* The next message, *len octets in f, there until framing_room(). In the header: it is called for each query. */
CMAP_MUST_USE static inline enum framing_found framing_next(struct framing *f,
	const uint8_t **message, size_t *len)
{
	size_t left = f->end - f->at;
	enum framing_found found = FRAMING_MESSAGE;
	size_t n;

	if (left < FRAMING_PREFIX)
		return FRAMING_NONE;
	n = dns_get16(f->octets + f->at);
	if (n > FRAMING_MESSAGE_MAX) {
		n = DNS_HEADER_LEN;
		found = FRAMING_TOO_LONG;
	}
	if (left < FRAMING_PREFIX + n)
		return FRAMING_NONE;
	*message = f->octets + f->at + FRAMING_PREFIX;
	*len = n;
	f->at += FRAMING_PREFIX + n;
	return found;
}

#endif
