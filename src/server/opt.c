/* SPDX-License-Identifier: MIT */
#include "server/opt.h"

#include <string.h>

enum { OPTION_HEAD = 4, DO_BIT = 0x8000 };

static bool gives_cookie(const struct opt *o, const struct query *q)
{
	return q->cookie != NULL && o->settings != NULL && o->settings->cookies.n > 0;
}

static size_t nsid_len(const struct opt *o, const struct query *q)
{
	return q->wants_nsid && o->settings != NULL ? strlen(o->settings->server_id)
						    : 0;
}

static bool gives_keepalive(const struct opt *o, const struct query *q)
{
	return q->wants_keepalive && !o->is_udp && o->settings != NULL;
}

size_t opt_len(const struct opt *o, const struct query *q)
{
	size_t len = DNS_OPT_LEN;

	if (!q->has_edns)
		return 0;
	if (gives_cookie(o, q))
		len += OPTION_HEAD + COOKIE_LEN;
	if (nsid_len(o, q) > 0)
		len += OPTION_HEAD + nsid_len(o, q);
	if (gives_keepalive(o, q))
		len += OPTION_HEAD + 2;
	return len;
}

static uint8_t *put_option(uint8_t *at, uint16_t code, size_t len)
{
	dns_put16(at, code);
	dns_put16(at + 2, (uint16_t)len);
	return at + OPTION_HEAD;
}

static uint8_t *put_options(const struct opt *o, const struct query *q, uint8_t *at)
{
	size_t len = nsid_len(o, q);

	if (gives_cookie(o, q)) {
		at = put_option(at, DNS_OPTION_COOKIE, COOKIE_LEN);
		cookie_answer(&o->settings->cookies, o->client, q->cookie,
			o->cookie_is_good, o->now_s, at);
		at += COOKIE_LEN;
	}
	if (len > 0) {
		at = put_option(at, DNS_OPTION_NSID, len);
		memcpy(at, o->settings->server_id, len);
		at += len;
	}
	if (gives_keepalive(o, q)) {
		at = put_option(at, DNS_OPTION_KEEPALIVE, 2);
		dns_put16(at, o->settings->keepalive_ds);
		at += 2;
	}
	return at;
}

size_t opt_write(const struct opt *o, const struct query *q, uint8_t *out, size_t room)
{
	uint8_t *at;

	out[0] = 0;
	dns_put16(out + 1, DNS_OPT);
	dns_put16(out + 3, o->udp_size);
	out[5] = (uint8_t)(o->rcode >> 4);
	out[6] = 0; /* version */
	dns_put16(out + 7, q->dnssec_ok ? DO_BIT : 0);
	at = put_options(o, q, out + DNS_OPT_LEN);
	if (o->ede != 0 && (size_t)(at - out) + OPTION_HEAD + 2 <= room) {
		at = put_option(at, DNS_OPTION_EDE, 2);
		dns_put16(at, o->ede);
		at += 2;
	}
	dns_put16(out + 9, (uint16_t)(at - out - DNS_OPT_LEN));
	return (size_t)(at - out);
}
