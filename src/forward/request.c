/* SPDX-License-Identifier: MIT */
#include "forward/request.h"

#include <string.h>

#include "wire/dns.h"
#include "wire/message.h"

enum { EDE_LEN = 6, OPT_TTL = 5, OPT_RDLEN = 9, RCODE_MASK = 0xF };

static void adjust_ttl(uint8_t *at, const struct forward_saying *say)
{
	uint32_t ttl = dns_get32(at);

	dns_put32(at, say->ttl != 0 ? say->ttl : ttl > say->age ? ttl - say->age : 0);
}

/* Of the ring, the n first, beginning with another one each time. */
static void copy_ring(const struct image *image, uint16_t n, uint32_t turn,
	uint8_t *out)
{
	const uint8_t *octets = image_octets(image) - image->begin;
	uint16_t at = image->record[image->n_answer - image->n_ring].at;
	uint16_t size = image->ring_size;

	for (uint16_t i = 0; i < n; i++)
		memcpy(out + at + i * size,
			octets + at + (turn + i) % image->n_ring * size, size);
}

/* The records of image that stand right behind the question. Returns how many fit. */
static uint16_t copy_records(const struct image *image,
	const struct forward_saying *say, uint8_t *out, size_t limit, size_t *len)
{
	uint16_t n = image_records(image);
	size_t end = image->end;

	while (n > 0 && end > limit)
		end = image->record[--n].at;
	memcpy(out + image->begin, image_octets(image), end - image->begin);
	if (image->n_ring > 1 && n > image->n_answer - image->n_ring) {
		uint16_t ring = (uint16_t)(n - (image->n_answer - image->n_ring));

		copy_ring(image, ring < image->n_ring ? ring : image->n_ring, say->turn,
			out);
	}
	for (uint16_t i = 0; i < n; i++)
		adjust_ttl(out + image->record[i].ttl_at, say);
	*len = end;
	return n;
}

/* The same behind CNAMEs of our own: names are compressed anew. */
static uint16_t rewrite_records(const struct forward_request *r,
	const struct image *image, const struct forward_saying *say, uint8_t *out,
	size_t limit, size_t *len)
{
	static _Thread_local uint8_t octets[DNS_MESSAGE_MAX];
	struct message_reader in = {
		.base = octets, .len = image->end, .at = image->begin};
	struct message_writer w = {.base = out, .len = r->prefix_len, .limit = limit};
	CMAP_UNINITIALIZED struct message_record rec;
	size_t ttl_at;
	uint16_t n = 0;

	memcpy(octets + DNS_HEADER_LEN, r->question.name.wire, r->question.name.len);
	memcpy(octets + image->begin, image_octets(image), image->end - image->begin);
	message_know_name(&w, DNS_HEADER_LEN);
	while (n < image_records(image) && message_read(&in, &rec) &&
		message_write(&w, &in, &rec, &ttl_at)) {
		adjust_ttl(out + ttl_at, say);
		n++;
	}
	*len = w.len;
	return n;
}

static bool has_cnames(const struct forward_request *r)
{
	return dns_get16(r->octets + 6) > 0;
}

static void write_counts(uint8_t *out, const struct image *image, uint16_t n)
{
	uint16_t answers = n < image->n_answer ? n : image->n_answer;
	uint16_t authority = (uint16_t)(n - answers);

	if (authority > image->n_authority)
		authority = image->n_authority;
	dns_put16(out + 6, (uint16_t)(dns_get16(out + 6) + answers));
	dns_put16(out + 8, authority);
	dns_put16(out + 10, (uint16_t)(n - answers - authority));
	/* Addresses that are left out are not missed; answers, and what proves that there are none, are. */
	if (n < image->n_answer + image->n_authority)
		dns_put16(out + 2, dns_get16(out + 2) | DNS_TC);
}

/* The OPT record, with the upper bits of the RCODE and the reason. Returns its octets. */
static size_t write_opt(const struct forward_request *r,
	const struct forward_saying *say, uint8_t *out, size_t room)
{
	size_t len = r->opt_len;

	if (len == 0)
		return 0;
	memcpy(out, r->octets + r->prefix_len, len);
	out[OPT_TTL] = (uint8_t)(say->rcode >> 4);
	if (say->ede != 0 && len + EDE_LEN <= room) {
		dns_put16(out + len, DNS_OPTION_EDE);
		dns_put16(out + len + 2, 2);
		dns_put16(out + len + 4, say->ede);
		dns_put16(out + OPT_RDLEN,
			(uint16_t)(dns_get16(out + OPT_RDLEN) + EDE_LEN));
		len += EDE_LEN;
	}
	return len;
}

size_t forward_reply(const struct forward_request *r, const struct image *image,
	const struct forward_saying *say, uint8_t *out)
{
	size_t limit = r->limit - r->opt_len;
	size_t len = r->prefix_len;
	size_t opt;

	memcpy(out, r->octets, r->prefix_len);
	if (image != NULL) {
		uint16_t n = has_cnames(r)
				     ? rewrite_records(r, image, say, out, limit, &len)
				     : copy_records(image, say, out, limit, &len);

		write_counts(out, image, n);
	}
	dns_put16(out + 2, (uint16_t)(dns_get16(out + 2) | (say->rcode & RCODE_MASK)));
	opt = write_opt(r, say, out + len, r->limit - len);
	if (opt > 0)
		dns_put16(out + 10, (uint16_t)(dns_get16(out + 10) + 1));
	return len + opt;
}

size_t forward_reply_cut(const struct forward_request *r, uint8_t *out)
{
	size_t len = DNS_HEADER_LEN + 4u +
		     dname_wire_len(r->octets + DNS_HEADER_LEN,
			     (size_t)r->prefix_len - DNS_HEADER_LEN);

	memcpy(out, r->octets, len);
	dns_put16(out + 2, (uint16_t)((dns_get16(out + 2) & ~DNS_AA) | DNS_TC));
	memset(out + 6, 0, DNS_HEADER_LEN - 6);
	out[DNS_HEADER_LEN - 1] = r->opt_len > 0;
	memcpy(out + len, r->octets + r->prefix_len, r->opt_len);
	return len + r->opt_len;
}
