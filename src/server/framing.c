/* SPDX-License-Identifier: MIT */
#include "server/framing.h"

#include <string.h>

uint8_t *framing_room(struct framing *f, size_t *room)
{
	if (f->at == f->end) {
		f->at = f->end = 0;
	} else if (f->at > 0) {
		memmove(f->octets, f->octets + f->at, f->end - f->at);
		f->end -= f->at;
		f->at = 0;
	}
	*room = sizeof(f->octets) - f->end;
	return f->octets + f->end;
}

void framing_add(struct framing *f, size_t n)
{
	f->end += n;
}
