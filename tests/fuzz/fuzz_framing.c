/* SPDX-License-Identifier: MIT */
/*
 * Any octets as the stream of a TCP connection, in any pieces. The first octet says how many follow that tell how
 * the stream is cut; the rest is the stream. The messages must be those of the stream read as a whole.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "server/framing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	CUTS_MAX = 64,
	STINGY = 0x80, /* of a cut: one message at most is taken before more is read */
	COARSE = 0x40, /* in units of 64 octets */
	UNITS = 0x3F   /* octets of the piece; 0: as many as there is room for */
};

struct walk {
	const uint8_t *stream;
	size_t len;
	size_t sent; /* of the stream */
	size_t at;   /* where in it the next message begins */
	struct framing *framing;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Sends a piece. Returns whether there was room for any of it. */
static bool send_piece(struct walk *w, uint8_t cut)
{
	size_t n = cut & UNITS, room;
	uint8_t *to = framing_room(w->framing, &room);

	if (cut & COARSE)
		n *= 64;
	n = min(n == 0 ? room : min(n, room), w->len - w->sent);
	if (n > 0)
		memcpy(to, w->stream + w->sent, n);
	framing_add(w->framing, n);
	w->sent += n;
	return room > 0;
}

/* What the stream holds at w->at, of which len octets have been sent. */
static enum framing_found look(const struct walk *w, size_t *len)
{
	const uint8_t *p = w->stream + w->at;
	size_t left = w->sent - w->at;
	enum framing_found found = FRAMING_MESSAGE;

	if (left < 2)
		return FRAMING_NONE;
	*len = (size_t)p[0] << 8 | p[1];
	if (*len > 4096) {
		*len = 12;
		found = FRAMING_TOO_LONG;
	}
	return left - 2 < *len ? FRAMING_NONE : found;
}

/* Takes the next message; it is the one that the stream has there. */
static enum framing_found take(struct walk *w)
{
	const uint8_t *message = NULL;
	size_t len = 0, expected = 0;
	enum framing_found found = framing_next(w->framing, &message, &len);

	must(found == look(w, &expected));
	if (found == FRAMING_NONE)
		return found;
	must(len == expected && memcmp(message, w->stream + w->at + 2, len) == 0);
	w->at += 2 + len;
	return found;
}

/* The stream, cut by the n octets at cuts, again and again. */
static void walk(struct walk *w, const uint8_t *cuts, size_t n)
{
	enum framing_found found = FRAMING_NONE;

	for (size_t i = 0; w->sent < w->len; i++) {
		uint8_t cut = n == 0 ? 0 : cuts[i % n];
		bool had_room = send_piece(w, cut);

		must(had_room || found == FRAMING_MESSAGE); /* else it would hang */
		do {
			found = take(w);
			if (found == FRAMING_TOO_LONG)
				return;
		} while (found == FRAMING_MESSAGE && !(cut & STINGY));
	}
	while ((found = take(w)) == FRAMING_MESSAGE)
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct walk w = {.framing = NULL};
	size_t n;

	if (size == 0)
		return 0;
	n = min(min(data[0], CUTS_MAX), size - 1);
	w.stream = data + 1 + n;
	w.len = size - 1 - n;
	w.framing = xcalloc(1, sizeof(*w.framing));
	walk(&w, data + 1, n);
	free(w.framing);
	return 0;
}
