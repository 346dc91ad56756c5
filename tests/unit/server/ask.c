/* SPDX-License-Identifier: MIT */
#include "ask.h"

#include <stdlib.h>

#include "base/error.h"
#include "oracle.h"
#include "wire/dname.h"

size_t question_write(const struct question *q, uint8_t out[DNS_UDP_MIN])
{
	struct dname d;
	size_t at = DNS_HEADER_LEN;

	if (dname_from_plain(q->name, &d) != CMAP_OK)
		abort();
	dns_put16(out, 0x1234);
	dns_put16(out + 2, q->flags);
	dns_put16(out + 4, 1);
	dns_put32(out + 6, 0);
	dns_put16(out + 10, q->edns > 0 ? 1 : 0);
	memcpy(out + at, d.wire, d.len);
	at += d.len;
	dns_put16(out + at, q->type);
	dns_put16(out + at + 2, DNS_IN);
	at += 4;
	if (q->edns == 0)
		return at;
	out[at] = 0;
	dns_put16(out + at + 1, DNS_OPT);
	dns_put16(out + at + 3, q->edns);
	dns_put16(out + at + 5, q->version);
	dns_put16(out + at + 7, q->dnssec_ok ? 0x8000 : 0);
	dns_put16(out + at + 9, 0);
	return at + DNS_OPT_LEN;
}

const char *town_ask(struct town *t, const struct question *q)
{
	static _Thread_local char text[20000];
	struct buf out = {.data = NULL};
	uint8_t query[DNS_UDP_MIN];

	town_respond(t, query, question_write(q, query), !q->is_tcp);
	oracle_describe(t->reply, t->reply_len, &out);
	if (out.len >= sizeof(text))
		abort();
	strcpy(text, buf_text(&out));
	buf_free(&out);
	return text;
}

const char *town_ask_plain(struct town *t, const char *name, uint16_t type)
{
	return town_ask(t, &(struct question){.name = name, .type = type});
}
