/* SPDX-License-Identifier: MIT */
#include "probe/probe.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "wire/dns.h"
#include "wire/message.h"

enum {
	FAMILIES = 2,
	ADDRESSES_MAX = 256, /* of a target; more than any load balancer has */
	REFRESH_PART = 10, /* of its TTL before the end an answer is asked for again */
	REFRESH_MIN_MS = 1000,
	RETRY_MIN_MS = 1000, /* doubled with each failure */
	RETRY_MAX_MS = 30000,
	NONE_TTL = 60 /* how long "there are none" is believed at the most */
};

/* What is known of one family of a target's addresses. */
struct family {
	struct target *target;
	uint16_t type;
	bool is_asked;
	bool is_known;         /* something was published */
	uint32_t failures;     /* in a row */
	int64_t good_until_ms; /* its TTL has ended by then */
	int64_t next_ms;       /* it is to be asked for again */
};

/* A name that aliases lead to. */
struct target {
	UT_hash_handle hh;
	struct probe *probe;
	struct timer timer;
	struct dname name;
	struct target *
		next; /* among those that nobody wants any more, and that wait for what was asked */
	bool is_gone;
	struct family family[FAMILIES];
	char text[];
};

struct probe {
	struct probe_options options;
	struct loop *loop;
	struct registry *registry;
	struct target *targets;
	struct target *gone;
};

/* ---- replies ----------------------------------------------------------------------------------- */

struct addresses {
	uint8_t octets[ADDRESSES_MAX * 16];
	uint32_t n, ttl;
};

/* Where the records of a reply begin; 0: it is none that says anything. */
static size_t skip_question(const uint8_t *reply, size_t len)
{
	struct dname name;
	size_t at;
	uint16_t rcode;

	if (len < DNS_HEADER_LEN || dns_get16(reply + 4) != 1)
		return 0;
	rcode = dns_get16(reply + 2) & 0xF;
	if (rcode != DNS_NOERROR && rcode != DNS_NXDOMAIN)
		return 0;
	at = message_name(reply, len, DNS_HEADER_LEN, &name);
	return at == 0 ? 0 : at + 4;
}

/* The addresses in the reply, and the least TTL in it. false: it says nothing. */
static bool read_reply(const uint8_t *reply, size_t len, uint16_t type,
	struct addresses *out)
{
	struct message_reader in = {
		.base = reply, .len = len, .at = skip_question(reply, len)};
	size_t size = type == DNS_A ? 4 : 16;
	CMAP_UNINITIALIZED struct message_record rec;
	uint32_t n;

	if (in.at == 0)
		return false;
	n = dns_get16(reply + 6) + (uint32_t)dns_get16(reply + 8);
	out->n = 0;
	out->ttl = n == 0 ? 0 : NONE_TTL * 1000;
	for (; n > 0 && message_read(&in, &rec); n--) {
		if (rec.ttl < out->ttl)
			out->ttl = rec.ttl;
		if (rec.type == type && rec.rdata_len == size && out->n < ADDRESSES_MAX)
			memcpy(out->octets + out->n++ * size, reply + rec.rdata, size);
	}
	if (out->n == 0 && out->ttl > NONE_TTL)
		out->ttl = NONE_TTL;
	return !in.bad;
}

/* ---- asking ------------------------------------------------------------------------------------ */

static bool is_asked(const struct target *t)
{
	return t->family[0].is_asked || t->family[1].is_asked;
}

static void target_free(struct target *t)
{
	loop_timer_cancel(t->probe->loop, &t->timer);
	free(t);
}

/* Nobody wants t, and nothing more will come for it. */
static void forget_gone(struct target *t)
{
	struct target **link = &t->probe->gone;

	while (*link != t)
		link = &(*link)->next;
	*link = t->next;
	target_free(t);
}

/* The timer goes off when a family is due that is not being asked for. */
static void set_timer(struct target *t)
{
	int64_t next_ms = INT64_MAX;

	for (int i = 0; i < FAMILIES; i++)
		if (!t->family[i].is_asked && t->family[i].next_ms < next_ms)
			next_ms = t->family[i].next_ms;
	if (next_ms != INT64_MAX)
		loop_timer_set(t->probe->loop, &t->timer, next_ms);
}

static void publish(struct family *f, const uint8_t *octets, uint32_t n, uint32_t ttl)
{
	f->is_known = n > 0;
	registry_set_alias(f->target->probe->registry, f->target->text, f->type, octets,
		n, ttl);
}

static void take_answer(struct family *f, const struct addresses *a, int64_t now_ms)
{
	int64_t ttl_ms = (int64_t)a->ttl * 1000;
	int64_t refresh_ms = ttl_ms - ttl_ms / REFRESH_PART;

	if (f->failures > 0)
		log_info("alias: '%s' is resolved again", f->target->text);
	f->failures = 0;
	f->good_until_ms = now_ms + ttl_ms;
	f->next_ms =
		now_ms + (refresh_ms > REFRESH_MIN_MS ? refresh_ms : REFRESH_MIN_MS);
	publish(f, a->octets, a->n, a->ttl);
}

/* No answer has come. What the last one said stays, within bounds. */
static void take_failure(struct family *f, int64_t now_ms)
{
	int64_t retry_ms = (int64_t)RETRY_MIN_MS << (f->failures < 5 ? f->failures : 5);

	if (f->failures++ == 0)
		log_warning("alias: '%s' cannot be resolved", f->target->text);
	f->next_ms = now_ms + (retry_ms < RETRY_MAX_MS ? retry_ms : RETRY_MAX_MS);
	if (f->is_known &&
		now_ms >= f->good_until_ms + f->target->probe->options.stale_ms)
		publish(f, NULL, 0, 0);
}

static void answered(void *arg, const uint8_t *reply, size_t len)
{
	static struct addresses a; /* the control thread's, large for a stack */
	struct family *f = arg;
	struct target *t = f->target;
	int64_t now_ms = loop_now_ms(t->probe->loop);

	f->is_asked = false;
	if (t->is_gone) {
		if (!is_asked(t))
			forget_gone(t);
		return;
	}
	if (read_reply(reply, len, f->type, &a))
		take_answer(f, &a, now_ms);
	else
		take_failure(f, now_ms);
	set_timer(t);
}

/* Asks for the families that are due. */
static void look(struct timer *timer, int64_t now_ms)
{
	struct target *t = CONTAINER_OF(timer, struct target, timer);
	const struct probe_options *o = &t->probe->options;

	for (int i = 0; i < FAMILIES; i++) {
		struct family *f = &t->family[i];

		if (f->is_asked || f->next_ms > now_ms)
			continue;
		f->is_asked = true;
		o->ask(o->arg, &t->name, f->type, answered, f);
	}
	set_timer(t);
}

/* ---- targets ----------------------------------------------------------------------------------- */

static void follow(struct probe *p, const char *name)
{
	size_t len = strlen(name);
	struct target *t = xcalloc(1, sizeof(*t) + len + 1);

	if (dname_from_plain(name, &t->name) != CMAP_OK) { /* the model lets none in */
		free(t);
		return;
	}
	dname_lower(t->name.wire, t->name.len, t->name.wire);
	memcpy(t->text, name, len);
	t->probe = p;
	t->timer.fire = look;
	for (int i = 0; i < FAMILIES; i++)
		t->family[i] = (struct family){.target = t,
			.type = i == 0 ? DNS_A : DNS_AAAA,
			.next_ms = loop_now_ms(p->loop)};
	HASH_ADD_KEYPTR(hh, p->targets, t->text, len, t);
	set_timer(t);
}

static void changed(void *arg, const char *name, bool is_wanted)
{
	struct probe *p = arg;
	struct target *t;

	HASH_FIND_STR(p->targets, name, t);
	if (is_wanted && t == NULL)
		follow(p, name);
	if (is_wanted || t == NULL)
		return;
	HASH_DEL(p->targets, t);
	loop_timer_cancel(p->loop, &t->timer);
	if (!is_asked(t)) {
		target_free(t);
		return;
	}
	t->is_gone = true;
	t->next = p->gone;
	p->gone = t;
}

struct probe *probe_new(const struct probe_options *options, struct loop *loop,
	struct registry *r)
{
	struct probe *p = xcalloc(1, sizeof(*p));

	p->options = *options;
	p->loop = loop;
	p->registry = r;
	registry_watch_aliases(r, changed, p);
	return p;
}

void probe_set_stale(struct probe *p, int64_t stale_ms)
{
	p->options.stale_ms = stale_ms;
}

void probe_free(struct probe *p)
{
	struct target *t, *next;

	if (p == NULL)
		return;
	HASH_ITER (hh, p->targets, t, next) {
		HASH_DEL(p->targets, t);
		target_free(t);
	}
	while (p->gone != NULL)
		forget_gone(p->gone);
	free(p);
}
