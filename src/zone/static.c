/* SPDX-License-Identifier: MIT */
#include "zone/static.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "wire/dns.h"
#include "wire/zonetext.h"

enum {
	RECORD_FIXED = 12, /* octets of a record in an answer beside its data */
	TYPE_SIG = 24,
	TYPE_NXT = 30,
	TYPE_NSEC3PARAM = 51
};

/* ---- owners and RRsets --------------------------------------------------------------------------- */

struct static_owner *static_find(const struct static_zone *z, const uint8_t *name,
	size_t len)
{
	struct static_owner *o;

	HASH_FIND(hh, z->owners, name, len, o);
	return o;
}

struct static_rrset *static_rrset(const struct static_owner *o, uint16_t type)
{
	for (uint16_t i = 0; i < o->n; i++)
		if (o->rrset[i].type == type)
			return &o->rrset[i];
	return NULL;
}

static struct static_owner *owner_get(struct static_zone *z, const struct dname *name)
{
	uint8_t lower[DNAME_MAX];
	struct static_owner *o;

	dname_lower(name->wire, name->len, lower);
	o = static_find(z, lower, name->len);
	if (o != NULL)
		return o;
	o = xcalloc(1, sizeof(*o) + name->len);
	o->zone = z;
	o->name_len = name->len;
	memcpy(o->name, lower, name->len);
	HASH_ADD_KEYPTR(hh, z->owners, o->name, o->name_len, o);
	return o;
}

static struct static_rrset *rrset_add(struct static_owner *o,
	const struct zonetext_record *r)
{
	struct static_rrset *s;

	o->rrset = xreallocarray(o->rrset, o->n + 1u, sizeof(*o->rrset));
	s = &o->rrset[o->n++];
	*s = (struct static_rrset){.type = r->type, .ttl = r->ttl, .line = r->line};
	return s;
}

static bool rrset_has(const struct static_rrset *s, const struct zonetext_record *r)
{
	const uint8_t *rdata;
	uint16_t len;
	size_t at = 0;

	while (static_next(s, &at, &rdata, &len))
		if (len == r->rdata_len && memcmp(rdata, r->rdata, len) == 0)
			return true;
	return false;
}

void static_free(struct static_zone *z)
{
	struct static_owner *o, *next;

	if (z == NULL)
		return;
	HASH_ITER (hh, z->owners, o, next) {
		HASH_DEL(z->owners, o);
		for (uint16_t i = 0; i < o->n; i++)
			buf_free(&o->rrset[i].records);
		free(o->rrset);
		free(o);
	}
	free(z->path);
	free(z);
}

/* ---- what a zone may hold ------------------------------------------------------------------------ */

static int refuse(struct buf *why, const char *what)
{
	buf_add_text(why, what);
	return CMAP_E_INVALID;
}

static bool is_wildcard(const struct dname *name)
{
	return name->wire[0] == 1 && name->wire[1] == '*';
}

/* What a record by itself tells. */
static int judge_record(const struct static_zone *z, const struct zonetext_record *r,
	struct buf *why)
{
	char owner[DNAME_TEXT], apex[DNAME_TEXT];
	bool is_apex = r->owner->len == z->apex.len;

	dname_to_text(r->owner->wire, owner);
	dname_to_text(z->apex.wire, apex);
	if (!dname_is_within(r->owner, &z->apex)) {
		buf_printf(why, "'%s' lies outside the zone '%s'", owner, apex);
		return CMAP_E_INVALID;
	}
	switch (r->type) {
	case DNS_DNAME:
		return refuse(why, "DNAME is not supported");
	case TYPE_SIG:
	case TYPE_NXT:
	case DNS_RRSIG:
	case DNS_NSEC:
	case DNS_NSEC3:
	case TYPE_NSEC3PARAM:
		return refuse(why, "this zone is signed; signatures are not supported");
	case DNS_SOA:
		if (is_apex)
			break;
		buf_printf(why, "a SOA belongs at '%s' alone", apex);
		return CMAP_E_INVALID;
	case DNS_NS:
		if (is_wildcard(r->owner))
			return refuse(why, "a wildcard cannot be delegated");
		break;
	case DNS_CNAME:
		if (is_apex)
			return refuse(why,
				"a CNAME cannot stand at the apex, beside SOA and NS");
		break;
	default:
		break;
	}
	return CMAP_OK;
}

/* CNAME is alone at its name, and only one record (RFC 2181 s10.1); so is SOA. */
static int judge_company(const struct static_owner *o, const struct zonetext_record *r,
	struct buf *why)
{
	uint16_t type = r->type;
	const struct static_rrset *s = static_rrset(o, type);
	size_t octets = s == NULL ? 0 : s->records.len + s->n * (RECORD_FIXED - 2);

	if (s != NULL && (type == DNS_CNAME || type == DNS_SOA)) {
		buf_printf(why, "a second %s record; the first is in line %u",
			type == DNS_CNAME ? "CNAME" : "SOA", s->line);
		return CMAP_E_INVALID;
	}
	if (s == NULL && o->n > 0 &&
		(type == DNS_CNAME || o->rrset[0].type == DNS_CNAME)) {
		buf_printf(why,
			"a CNAME cannot stand beside other data; see line %u, too",
			o->rrset[0].line);
		return CMAP_E_INVALID;
	}
	if (octets + RECORD_FIXED + r->rdata_len > STATIC_RRSET_MAX)
		return refuse(why, "more data of one type than an answer could carry");
	if (s == NULL && o->n == STATIC_RRSETS_MAX) {
		buf_printf(why, "more than %d types at one name", STATIC_RRSETS_MAX);
		return CMAP_E_INVALID;
	}
	return CMAP_OK;
}

/* ---- reading ------------------------------------------------------------------------------------- */

static int take_record(void *arg, const struct zonetext_record *r, struct buf *why)
{
	struct static_zone *z = arg;
	struct static_owner *o;
	struct static_rrset *s;
	uint8_t len[2];
	int err = judge_record(z, r, why);

	if (err != CMAP_OK)
		return err;
	o = owner_get(z, r->owner);
	s = static_rrset(o, r->type);
	if (s != NULL && rrset_has(s, r)) {
		s->ttl = r->ttl < s->ttl ? r->ttl : s->ttl;
		return CMAP_OK;
	}
	err = judge_company(o, r, why);
	if (err != CMAP_OK)
		return err;
	if (s == NULL)
		s = rrset_add(o, r);
	s->ttl = r->ttl < s->ttl ? r->ttl : s->ttl;
	if (++s->n == 2 &&
		(r->type == DNS_A || r->type == DNS_AAAA || r->type == DNS_SRV))
		o->rotates = true;
	dns_put16(len, r->rdata_len);
	buf_add(&s->records, len, sizeof(len));
	buf_add(&s->records, r->rdata, r->rdata_len);
	if (r->type == DNS_NS && o != z->at_apex && !o->is_cut) {
		o->is_cut = true;
		z->n_cuts++;
	}
	return CMAP_OK;
}

int static_read_text(const char *path, const char *text, size_t len,
	const struct dname *apex, struct static_zone **out, struct buf *why)
{
	struct static_zone *z = xcalloc(1, sizeof(*z));
	struct zonetext_reader reader = {.origin = apex, .take = take_record, .arg = z};
	struct buf what = {.data = NULL};
	unsigned int line;
	int err;

	z->path = xstrdup(path);
	z->apex.len = apex->len;
	dname_lower(apex->wire, apex->len, z->apex.wire);
	z->at_apex = owner_get(z, &z->apex);
	err = zonetext_read(&reader, text, len, &line, &what);
	if (err == CMAP_OK) {
		*out = z;
	} else {
		buf_printf(why, "%s:%u: %s", path, line, buf_text(&what));
		static_free(z);
	}
	buf_free(&what);
	return err;
}

static int fail_system(struct buf *why, const char *path)
{
	buf_printf(why, "%s: %s", path, strerror(errno));
	return CMAP_E_SYSTEM;
}

/* All of the file behind fd. */
static int slurp(int fd, const char *path, struct buf *text, struct buf *why)
{
	char piece[65536];
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_system(why, path);
		if ((size_t)n > STATIC_FILE_MAX - text->len) {
			buf_printf(why, "%s: longer than %zu MiB", path,
				STATIC_FILE_MAX >> 20);
			return CMAP_E_RANGE;
		}
		buf_add(text, piece, (size_t)n);
	}
	return CMAP_OK;
}

int static_read_file(const char *path, const struct dname *apex,
	struct static_zone **out, struct buf *why)
{
	/* O_NONBLOCK: a FIFO must not hold us up before it is refused. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct buf text = {.data = NULL};
	struct stat st;
	int err = CMAP_OK;

	if (fd < 0 && (errno == ENOENT || errno == ENAMETOOLONG))
		return CMAP_E_NOT_FOUND;
	if (fd < 0)
		return fail_system(why, path);
	if (fstat(fd, &st) != 0) {
		err = fail_system(why, path);
	} else if (!S_ISREG(st.st_mode)) {
		buf_printf(why, "%s: not a regular file", path);
		err = CMAP_E_INVALID;
	}
	if (err == CMAP_OK)
		err = slurp(fd, path, &text, why);
	close(fd);
	if (err == CMAP_OK)
		err = static_read_text(path, buf_text(&text), text.len, apex, out, why);
	buf_free(&text);
	return err;
}
