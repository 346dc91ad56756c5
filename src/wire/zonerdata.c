/* SPDX-License-Identifier: MIT */
#include "wire/zonerdata.h"

#include <arpa/inet.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "wire/dns.h"
#include "wire/zonetext.h"

enum { RDATA_MAX = 65535, WORD_MAX = 1024, FIRST_META = 128, LAST_META = 255 };

static int fail(struct buf *why, const struct zonescan_token *token, const char *what)
{
	buf_printf(why, "'%.*s' is %s", token->len > 80 ? 80 : (int)token->len,
		token->text, what);
	return CMAP_E_INVALID;
}

/* The token as it was written, NUL-terminated; false if it is longer than any word needs to be. */
static bool word_of(const struct zonescan_token *token, char out[WORD_MAX])
{
	if (token->len >= WORD_MAX)
		return false;
	memcpy(out, token->text, token->len);
	out[token->len] = '\0';
	return true;
}

/* The decimal number in len characters at text; false: it is none, or more than max. */
static bool number_of(const char *text, size_t len, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;

	if (len == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(text[i] - '0');
		if (n > max)
			return false;
	}
	*out = n;
	return true;
}

/* ldns's description of a type whose data has a text of its own; NULL for any other. */
static const ldns_rr_descriptor *describe(uint16_t type)
{
	const ldns_rr_descriptor *d = ldns_rr_descript(type);

	if (d == NULL || d->_type != type || d->_name == NULL ||
		strncmp(d->_name, "TYPE", 4) == 0)
		return NULL;
	return d;
}

uint16_t zonerdata_type(const struct zonescan_token *token)
{
	char word[WORD_MAX];
	uint64_t type = 0;

	if (token->quoted || !word_of(token, word))
		return 0;
	if (strncasecmp(word, "TYPE", 4) == 0) {
		if (!number_of(word + 4, token->len - 4, 65535, &type))
			return 0;
	} else {
		type = ldns_get_rr_type_by_name(word);
	}
	if (type == DNS_OPT || (type >= FIRST_META && type <= LAST_META))
		return 0;
	return (uint16_t)type;
}

/* Whether the dot at the end is one that divides labels: no odd number of backslashes before it. */
static bool is_absolute(const char *word, size_t len)
{
	size_t backslashes = 0;

	if (len == 0 || word[len - 1] != '.')
		return false;
	while (backslashes < len - 1 && word[len - 2 - backslashes] == '\\')
		backslashes++;
	return backslashes % 2 == 0;
}

int zonerdata_name(const struct zonescan_token *token, const struct dname *origin,
	struct dname *out, struct buf *why)
{
	struct dname d;
	char word[WORD_MAX];

	if (token->quoted)
		return fail(why, token, "quoted where a name is due");
	if (token->len == 1 && token->text[0] == '@') {
		*out = *origin;
		return CMAP_OK;
	}
	if (!word_of(token, word) || dname_from_text(word, &d) != CMAP_OK)
		return fail(why, token, "not a domain name");
	if (!is_absolute(word, token->len)) {
		if (d.len - 1 + origin->len > DNAME_MAX)
			return fail(why, token, "too long a name below the origin");
		memcpy(d.wire + d.len - 1, origin->wire, origin->len);
		d.len = (uint8_t)(d.len - 1 + origin->len);
	}
	*out = d;
	return CMAP_OK;
}

int zonerdata_period(const struct zonescan_token *token, uint32_t *out, struct buf *why)
{
	static const char units[] = "smhdw";
	static const uint32_t seconds[] = {1, 60, 3600, 86400, 604800};
	uint64_t total = 0, n = 0;
	bool has_digits = false, has_units = false;

	for (size_t i = 0; i < token->len; i++) {
		char c = token->text[i];
		const char *unit = strchr(units, c | 0x20);

		if (c >= '0' && c <= '9') {
			n = n * 10 + (uint64_t)(c - '0');
			has_digits = true;
		} else if (c != '\0' && unit != NULL && has_digits) {
			total += n * seconds[unit - units];
			n = 0;
			has_digits = false;
			has_units = true;
		} else {
			return fail(why, token, "no number of seconds");
		}
		if (n > ZONETEXT_TTL_MAX || total > ZONETEXT_TTL_MAX)
			return fail(why, token, "more than 2147483647 seconds");
	}
	total += n;
	if (token->len == 0 || token->quoted || (has_units && has_digits))
		return fail(why, token, "no number of seconds");
	if (total > ZONETEXT_TTL_MAX)
		return fail(why, token, "more than 2147483647 seconds");
	*out = (uint32_t)total;
	return CMAP_OK;
}

/* ---- reading ------------------------------------------------------------------------------------ */

static int read_number(const struct zonescan_token *token, int octets, struct buf *out,
	struct buf *why)
{
	uint64_t max = (UINT64_C(1) << 8 * octets) - 1, n;
	uint8_t wire[4];

	if (token->quoted || !number_of(token->text, token->len, max, &n)) {
		fail(why, token, "no number from 0 to ");
		buf_printf(why, "%llu", (unsigned long long)max);
		return CMAP_E_INVALID;
	}
	dns_put32(wire, (uint32_t)n);
	buf_add(out, wire + 4 - octets, (size_t)octets);
	return CMAP_OK;
}

static int read_period(const struct zonescan_token *token, struct buf *out,
	struct buf *why)
{
	uint8_t wire[4];
	uint32_t n;
	int err = zonerdata_period(token, &n, why);

	if (err != CMAP_OK)
		return err;
	dns_put32(wire, n);
	buf_add(out, wire, sizeof(wire));
	return CMAP_OK;
}

static int read_address(const struct zonescan_token *token, int family, struct buf *out,
	struct buf *why)
{
	char word[WORD_MAX];
	uint8_t octets[16];

	if (token->quoted || !word_of(token, word) ||
		inet_pton(family, word, octets) != 1)
		return fail(why, token,
			family == AF_INET ? "no IPv4 address" : "no IPv6 address");
	buf_add(out, octets, family == AF_INET ? 4 : 16);
	return CMAP_OK;
}

static int read_name(const struct zonescan_token *token, const struct dname *origin,
	struct buf *out, struct buf *why)
{
	struct dname name;
	int err = zonerdata_name(token, origin, &name, why);

	if (err == CMAP_OK)
		buf_add(out, name.wire, name.len);
	return err;
}

/* A character-string: its length, then up to 255 octets. */
static int read_string(const struct zonescan_token *token, struct buf *out,
	struct buf *why)
{
	uint8_t string[256];
	size_t at = 0, n = 0;
	int octet;

	while ((octet = zonescan_octet(token, &at)) >= 0) {
		if (n == 255)
			return fail(why, token, "longer than 255 octets");
		string[++n] = (uint8_t)octet;
	}
	string[0] = (uint8_t)n;
	buf_add(out, string, n + 1);
	return CMAP_OK;
}

/* Adds a token in a form without anything that means something to ldns outside escapes. */
static void add_clean(const struct zonescan_token *token, struct buf *text)
{
	size_t at = 0;

	while (at < token->len) {
		size_t start = at;
		int octet = zonescan_octet(token, &at);
		char c = token->text[start];

		if (c == '\\' || c <= ' ' || c == 0x7F || c == '"' || c == ';' ||
			c == '(' || c == ')')
			buf_printf(text, "\\%03d", octet);
		else
			buf_add(text, &c, 1);
	}
}

/* Whether b was written right behind a, with nothing between them: key="value". */
static bool touches(const struct zonescan_token *a, const struct zonescan_token *b)
{
	return a->text + a->len + a->quoted == b->text - b->quoted;
}

/* Gives n tokens to ldns as one field. */
static int read_field(ldns_rdf_type kind, const struct zonescan_token *token, size_t n,
	struct buf *out, struct buf *why)
{
	struct buf text = {.data = NULL};
	ldns_rdf *rdf;

	for (size_t i = 0; i < n; i++) {
		if (i > 0 && !touches(&token[i - 1], &token[i]))
			buf_add_text(&text, " ");
		add_clean(&token[i], &text);
	}
	rdf = ldns_rdf_new_frm_str(kind, buf_text(&text));
	buf_free(&text);
	if (rdf == NULL)
		return fail(why, token, "not what this type of record holds");
	buf_add(out, ldns_rdf_data(rdf), ldns_rdf_size(rdf));
	ldns_rdf_deep_free(rdf);
	return CMAP_OK;
}

/* How many of n tokens belong to field i: all of them where its text may have spaces. */
static size_t field_tokens(const ldns_rr_descriptor *d, size_t i, size_t n)
{
	switch (ldns_rr_descriptor_field_type(d, i)) {
	case LDNS_RDF_TYPE_B64:
	case LDNS_RDF_TYPE_HEX:
	case LDNS_RDF_TYPE_NSEC:
	case LDNS_RDF_TYPE_LOC:
	case LDNS_RDF_TYPE_WKS:
	case LDNS_RDF_TYPE_IPSECKEY:
	case LDNS_RDF_TYPE_AMTRELAY:
	case LDNS_RDF_TYPE_SVCPARAMS:
	case LDNS_RDF_TYPE_NSAP:
		return i + 1 == ldns_rr_descriptor_maximum(d) ? n : 1;
	case LDNS_RDF_TYPE_HIP:
		return n < 3 ? n : 3;
	default:
		return 1;
	}
}

static int read_one(ldns_rdf_type kind, const struct zonescan_token *token, size_t n,
	const struct dname *origin, struct buf *out, struct buf *why)
{
	switch (kind) {
	case LDNS_RDF_TYPE_DNAME:
		return read_name(token, origin, out, why);
	case LDNS_RDF_TYPE_INT8:
		return read_number(token, 1, out, why);
	case LDNS_RDF_TYPE_INT16:
		return read_number(token, 2, out, why);
	case LDNS_RDF_TYPE_INT32:
		return read_number(token, 4, out, why);
	case LDNS_RDF_TYPE_PERIOD:
		return read_period(token, out, why);
	case LDNS_RDF_TYPE_A:
		return read_address(token, AF_INET, out, why);
	case LDNS_RDF_TYPE_AAAA:
		return read_address(token, AF_INET6, out, why);
	case LDNS_RDF_TYPE_STR:
		return read_string(token, out, why);
	default:
		return read_field(kind, token, n, out, why);
	}
}

/* The data as ldns sees it, or NULL; the caller frees it. */
static ldns_rr *parse_wire(uint16_t type, const uint8_t *rdata, size_t len)
{
	ldns_rr *rr = ldns_rr_new();
	struct buf wire = {.data = NULL};
	uint8_t length[2];
	size_t at = 0;

	dns_put16(length, (uint16_t)len);
	buf_add(&wire, length, sizeof(length));
	buf_add(&wire, rdata, len);
	ldns_rr_set_type(rr, type);
	if (ldns_wire2rdf(rr, (const uint8_t *)wire.data, wire.len, &at) !=
			LDNS_STATUS_OK ||
		at != wire.len) {
		ldns_rr_free(rr);
		rr = NULL;
	}
	buf_free(&wire);
	return rr;
}

/* Whether rr holds just these octets: it does not if ldns has found a pointer and followed it. */
static bool is_same(const ldns_rr *rr, const uint8_t *rdata, size_t len)
{
	size_t at = 0;

	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);
		size_t size = ldns_rdf_size(rdf);

		if (size > len - at ||
			memcmp(ldns_rdf_data(rdf), rdata + at, size) != 0)
			return false;
		if (ldns_rdf_get_type(rdf) == LDNS_RDF_TYPE_DNAME &&
			dname_wire_len(rdata + at, size) != size)
			return false;
		at += size;
	}
	return at == len;
}

/* The data of a type that has a text, be it from that or from \#, once more in ldns's eyes. */
static int check_wire(const ldns_rr_descriptor *d, const struct buf *out,
	struct buf *why)
{
	const uint8_t *rdata = (const uint8_t *)buf_text(out);
	ldns_rr *rr = parse_wire((uint16_t)d->_type, rdata, out->len);
	bool ok = rr != NULL && ldns_rr_rd_count(rr) >= d->_minimum &&
		  is_same(rr, rdata, out->len);

	ldns_rr_free(rr);
	if (ok)
		return CMAP_OK;
	buf_printf(why, "this is no data of a record of type %s", d->_name);
	return CMAP_E_INVALID;
}

static int hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* LENGTH HEX..., behind \#. */
static int read_generic(const struct zonescan_token *token, size_t n, struct buf *out,
	struct buf *why)
{
	uint64_t len;
	uint8_t octet = 0;
	bool half = false;

	if (n == 0 || !number_of(token[0].text, token[0].len, RDATA_MAX, &len)) {
		buf_add_text(why, "behind \\# the number of octets is due, then they "
				  "in hexadecimal");
		return CMAP_E_INVALID;
	}
	for (size_t i = 1; i < n; i++) {
		for (size_t k = 0; k < token[i].len; k++) {
			int digit = hex_of(token[i].text[k]);

			if (digit < 0)
				return fail(why, &token[i], "not hexadecimal");
			octet = (uint8_t)(octet << 4 | digit);
			if (half)
				buf_add(out, &octet, 1);
			half = !half;
		}
	}
	if (half || out->len != len) {
		buf_printf(why, "%llu octets are announced, %zu%s follow",
			(unsigned long long)len, out->len, half ? " and a half" : "");
		return CMAP_E_INVALID;
	}
	return CMAP_OK;
}

static int read_fields(const ldns_rr_descriptor *d, const struct zonescan_token *token,
	size_t n, const struct dname *origin, struct buf *out, struct buf *why)
{
	size_t max = ldns_rr_descriptor_maximum(d), at = 0, i;

	for (i = 0; i < max && at < n; i++) {
		size_t take = field_tokens(d, i, n - at);
		int err = read_one(ldns_rr_descriptor_field_type(d, i), &token[at],
			take, origin, out, why);

		if (err != CMAP_OK)
			return err;
		at += take;
	}
	if (at < n)
		return fail(why, &token[at], "more than this record holds");
	if (i < d->_minimum) {
		buf_printf(why, "a record of type %s holds more than this", d->_name);
		return CMAP_E_INVALID;
	}
	return CMAP_OK;
}

int zonerdata_read(uint16_t type, const struct zonescan_token *token, size_t n,
	const struct dname *origin, struct buf *out, struct buf *why)
{
	const ldns_rr_descriptor *d = describe(type);
	int err;

	if (n > 0 && zonescan_is(&token[0], "\\#"))
		err = read_generic(token + 1, n - 1, out, why);
	else if (d == NULL) {
		buf_add_text(why, "data of this type must be given as \\# LENGTH HEX");
		err = CMAP_E_INVALID;
	} else
		err = read_fields(d, token, n, origin, out, why);
	if (err == CMAP_OK && out->len > RDATA_MAX) {
		buf_add_text(why, "more than 65535 octets of data");
		err = CMAP_E_INVALID;
	}
	if (err == CMAP_OK && d != NULL)
		err = check_wire(d, out, why);
	return err;
}

/* ---- writing ------------------------------------------------------------------------------------ */

static void write_string(const uint8_t *p, size_t len, struct buf *out)
{
	buf_add_text(out, "\"");
	for (size_t i = 0; i < len; i++) {
		if (p[i] < ' ' || p[i] > '~')
			buf_printf(out, "\\%03u", (unsigned int)p[i]);
		else
			buf_printf(out, "%s%c", p[i] == '"' || p[i] == '\\' ? "\\" : "",
				p[i]);
	}
	buf_add_text(out, "\"");
}

static void write_hex(const uint8_t *p, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++)
		buf_printf(out, "%02X", (unsigned int)p[i]);
}

static void write_address(int family, const uint8_t *p, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];

	buf_add_text(out, inet_ntop(family, p, text, sizeof(text)));
}

static void write_name(const uint8_t *p, struct buf *out)
{
	char text[DNAME_TEXT];

	dname_to_text(p, text);
	buf_add_text(out, text);
}

/* Writes a field all servers write alike; false: this is none. */
static bool write_field(const ldns_rdf *rdf, struct buf *out)
{
	const uint8_t *p = ldns_rdf_data(rdf);
	size_t len = ldns_rdf_size(rdf);

	switch (ldns_rdf_get_type(rdf)) {
	case LDNS_RDF_TYPE_DNAME:
		write_name(p, out);
		return true;
	case LDNS_RDF_TYPE_INT8:
	case LDNS_RDF_TYPE_ALG:
	case LDNS_RDF_TYPE_CERTIFICATE_USAGE:
	case LDNS_RDF_TYPE_SELECTOR:
	case LDNS_RDF_TYPE_MATCHING_TYPE:
		buf_printf(out, "%u", (unsigned int)p[0]);
		return len == 1;
	case LDNS_RDF_TYPE_INT16:
		buf_printf(out, "%u", (unsigned int)dns_get16(p));
		return len == 2;
	case LDNS_RDF_TYPE_INT32:
	case LDNS_RDF_TYPE_PERIOD:
		buf_printf(out, "%lu", (unsigned long)dns_get32(p));
		return len == 4;
	case LDNS_RDF_TYPE_A:
	case LDNS_RDF_TYPE_AAAA:
		write_address(len == 4 ? AF_INET : AF_INET6, p, out);
		return true;
	case LDNS_RDF_TYPE_STR:
		write_string(p + 1, len - 1, out);
		return true;
	case LDNS_RDF_TYPE_LONG_STR:
		write_string(p, len, out);
		return true;
	case LDNS_RDF_TYPE_TAG:
		buf_add(out, p + 1, len - 1);
		return len > 1;
	case LDNS_RDF_TYPE_HEX:
		write_hex(p, len, out);
		return len > 0;
	default:
		return false;
	}
}

/* Types that NSD, BIND and Knot of this decade all know by name. */
static bool is_common(uint16_t type)
{
	static const uint16_t types[] = {LDNS_RR_TYPE_A, LDNS_RR_TYPE_NS,
		LDNS_RR_TYPE_CNAME, LDNS_RR_TYPE_SOA, LDNS_RR_TYPE_PTR,
		LDNS_RR_TYPE_HINFO, LDNS_RR_TYPE_MX, LDNS_RR_TYPE_TXT, LDNS_RR_TYPE_RP,
		LDNS_RR_TYPE_AFSDB, LDNS_RR_TYPE_AAAA, LDNS_RR_TYPE_SRV,
		LDNS_RR_TYPE_NAPTR, LDNS_RR_TYPE_KX, LDNS_RR_TYPE_DS,
		LDNS_RR_TYPE_SSHFP, LDNS_RR_TYPE_TLSA, LDNS_RR_TYPE_SPF,
		LDNS_RR_TYPE_URI, LDNS_RR_TYPE_CAA};

	for (size_t i = 0; i < CMAP_COUNT(types); i++)
		if (types[i] == type)
			return true;
	return false;
}

static bool write_fields(uint16_t type, const uint8_t *rdata, size_t len,
	struct buf *out)
{
	const ldns_rr_descriptor *d = is_common(type) ? describe(type) : NULL;
	ldns_rr *rr = d == NULL || len == 0 ? NULL : parse_wire(type, rdata, len);
	bool ok = rr != NULL && ldns_rr_rd_count(rr) >= d->_minimum &&
		  is_same(rr, rdata, len);

	for (size_t i = 0; ok && i < ldns_rr_rd_count(rr); i++) {
		if (i > 0)
			buf_add_text(out, " ");
		ok = write_field(ldns_rr_rdf(rr, i), out);
	}
	ldns_rr_free(rr);
	return ok;
}

static void write_generic(const uint8_t *rdata, uint16_t len, struct buf *out)
{
	buf_printf(out, "\\# %u%s", (unsigned int)len, len > 0 ? " " : "");
	write_hex(rdata, len, out);
}

void zonetext_write(uint16_t type, const uint8_t *rdata, uint16_t len,
	char type_name[ZONETEXT_TYPE_NAME], struct buf *out)
{
	struct buf text = {.data = NULL};

	zonetext_type_name(type, type_name);
	/* What a registry mostly holds, without the detour. */
	if (type == DNS_A && len == 4) {
		write_address(AF_INET, rdata, out);
	} else if (type == DNS_AAAA && len == 16) {
		write_address(AF_INET6, rdata, out);
	} else if (write_fields(type, rdata, len, &text)) {
		buf_add(out, text.data, text.len);
	} else {
		snprintf(type_name, ZONETEXT_TYPE_NAME, "TYPE%u", (unsigned int)type);
		write_generic(rdata, len, out);
	}
	buf_free(&text);
}

void zonetext_type_name(uint16_t type, char out[ZONETEXT_TYPE_NAME])
{
	const ldns_rr_descriptor *d = describe(type);

	if (d != NULL && strlen(d->_name) < ZONETEXT_TYPE_NAME)
		strcpy(out, d->_name);
	else
		snprintf(out, ZONETEXT_TYPE_NAME, "TYPE%u", (unsigned int)type);
}
