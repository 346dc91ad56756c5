/* SPDX-License-Identifier: MIT */
#include "wire/zonetext.h"

#include "base/error.h"
#include "wire/dns.h"
#include "wire/zonerdata.h"
#include "wire/zonescan.h"

struct state {
	const struct zonetext_reader *reader;
	struct zonescan scan;
	struct dname origin, owner;
	bool has_owner; /* of a record before */
	bool has_default, has_last;
	uint32_t default_ttl; /* $TTL */
	uint32_t last_ttl;    /* of the record before */
	struct buf rdata;
};

static int fail(struct buf *why, const char *what)
{
	buf_add_text(why, what);
	return CMAP_E_INVALID;
}

static int refuse(struct buf *why, const struct zonescan_token *token, const char *what)
{
	buf_printf(why, "'%.*s' %s", token->len > 80 ? 80 : (int)token->len,
		token->text, what);
	return CMAP_E_INVALID;
}

/* A line that begins with '$'. */
static int read_directive(struct state *s, struct buf *why)
{
	const struct zonescan_token *t = s->scan.token;
	int err;

	if (zonescan_is(&t[0], "$INCLUDE") || zonescan_is(&t[0], "$GENERATE"))
		return refuse(why, &t[0], "is not supported: write the records here");
	if (!zonescan_is(&t[0], "$ORIGIN") && !zonescan_is(&t[0], "$TTL"))
		return refuse(why, &t[0], "is no directive");
	if (s->scan.n != 2)
		return refuse(why, &t[0], "needs one word behind it");
	if (zonescan_is(&t[0], "$ORIGIN"))
		return zonerdata_name(&t[1], &s->origin, &s->origin, why);
	err = zonerdata_period(&t[1], &s->default_ttl, why);
	s->has_default = err == CMAP_OK;
	return err;
}

static bool begins_with_digit(const struct zonescan_token *t)
{
	return !t->quoted && t->len > 0 && t->text[0] >= '0' && t->text[0] <= '9';
}

/* IN is taken, another class refused; false in *is_class: the token is something else. */
static int read_class(const struct zonescan_token *t, bool *is_class, struct buf *why)
{
	static const char *const others[] = {"CH", "HS", "CS", "ANY", "NONE"};

	*is_class = zonescan_is(t, "IN") || zonescan_is(t, "CLASS1");
	if (*is_class)
		return CMAP_OK;
	for (size_t i = 0; i < CMAP_COUNT(others); i++)
		if (zonescan_is(t, others[i]))
			return refuse(why, t, "is a class that is not served");
	if (t->len > 5 && !t->quoted && (t->text[0] | 0x20) == 'c' &&
		(t->text[1] | 0x20) == 'l' && (t->text[4] | 0x20) == 's')
		return refuse(why, t, "is a class that is not served");
	return CMAP_OK;
}

/* TTL and class before the type, each at most once and in any order; *at moves on to the type. */
static int read_prefix(struct state *s, size_t *at, bool *has_ttl, uint32_t *ttl,
	struct buf *why)
{
	bool has_class = false;

	*has_ttl = false;
	while (*at < s->scan.n) {
		const struct zonescan_token *t = &s->scan.token[*at];
		bool is_class = false;
		int err;

		if (!*has_ttl && begins_with_digit(t)) {
			err = zonerdata_period(t, ttl, why);
			*has_ttl = err == CMAP_OK;
		} else {
			err = has_class ? CMAP_OK : read_class(t, &is_class, why);
			if (err == CMAP_OK && !is_class)
				return CMAP_OK;
			has_class = true;
		}
		if (err != CMAP_OK)
			return err;
		(*at)++;
	}
	return fail(why, "no type");
}

/* What a record without a TTL of its own gets. */
static int choose_ttl(struct state *s, uint16_t type, uint32_t *ttl, struct buf *why)
{
	if (s->has_default)
		*ttl = s->default_ttl;
	else if (s->has_last)
		*ttl = s->last_ttl;
	else if (type == DNS_SOA && s->rdata.len >= 4) /* behind it there is nothing */
		*ttl = dns_get32((const uint8_t *)s->rdata.data + s->rdata.len - 4);
	else
		return fail(why, "no TTL, and no $TTL before");
	return CMAP_OK;
}

static int read_owner(struct state *s, size_t *at, struct buf *why)
{
	int err = CMAP_OK;

	*at = 0;
	if (!s->scan.is_indented) {
		err = zonerdata_name(&s->scan.token[0], &s->origin, &s->owner, why);
		s->has_owner = err == CMAP_OK;
		*at = 1;
	} else if (!s->has_owner) {
		err = fail(why, "no owner, and no record before");
	}
	return err;
}

static int read_record(struct state *s, struct buf *why)
{
	struct zonetext_record r = {.owner = &s->owner, .line = s->scan.first_line};
	bool has_ttl;
	size_t at;
	int err = read_owner(s, &at, why);

	if (err == CMAP_OK)
		err = read_prefix(s, &at, &has_ttl, &r.ttl, why);
	if (err != CMAP_OK)
		return err;
	r.type = zonerdata_type(&s->scan.token[at]);
	if (r.type == 0)
		return refuse(why, &s->scan.token[at], "is no type of record");
	buf_free(&s->rdata);
	err = zonerdata_read(r.type, &s->scan.token[at + 1], s->scan.n - at - 1,
		&s->origin, &s->rdata, why);
	if (err == CMAP_OK && !has_ttl)
		err = choose_ttl(s, r.type, &r.ttl, why);
	if (err != CMAP_OK)
		return err;
	s->last_ttl = r.ttl;
	s->has_last = true;
	r.rdata = (const uint8_t *)buf_text(&s->rdata);
	r.rdata_len = (uint16_t)s->rdata.len;
	return s->reader->take(s->reader->arg, &r, why);
}

/* The entry that has been cut. */
static int read_entry(struct state *s, struct buf *why)
{
	const struct zonescan_token *first = &s->scan.token[0];

	if (!s->scan.is_indented && !first->quoted && first->len > 0 &&
		first->text[0] == '$')
		return read_directive(s, why);
	return read_record(s, why);
}

int zonetext_read(const struct zonetext_reader *reader, const char *text, size_t len,
	unsigned int *line, struct buf *why)
{
	struct state s = {.reader = reader, .origin = *reader->origin};
	int err;

	zonescan_init(&s.scan, text, len);
	while ((err = zonescan_next(&s.scan, why)) == CMAP_OK && s.scan.n > 0) {
		err = read_entry(&s, why);
		if (err != CMAP_OK)
			break;
	}
	*line = s.scan.first_line;
	zonescan_free(&s.scan);
	buf_free(&s.rdata);
	return err;
}
