/* SPDX-License-Identifier: MIT */
/* api_name and data- of it, and the addresses that stand for them: those of the API on TCP. */
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/private.h"
#include "zone/table.h"

enum { LOOK_MS = 60000 };

static void add_address(struct own_names *o, const void *octets)
{
	if (o->n_addresses < OWN_ADDRESSES_MAX)
		memcpy(o->address[o->n_addresses++], octets, o->type == DNS_A ? 4 : 16);
}

static const void *octets_of(const struct sock_addr *a)
{
	return a->any.sa_family == AF_INET ? (const void *)&a->in.sin_addr
					   : (const void *)&a->in6.sin6_addr;
}

static bool is_link_local(const struct sock_addr *a)
{
	if (a->any.sa_family == AF_INET)
		return ntohl(a->in.sin_addr.s_addr) >> 16 == 0xA9FE; /* 169.254/16 */
	return IN6_IS_ADDR_LINKLOCAL(&a->in6.sin6_addr);
}

/* The address of an interface that is up, in the family; false if it is of no use to others. */
static bool read_interface(const struct ifaddrs *i, sa_family_t family,
	struct sock_addr *out)
{
	if (i->ifa_addr == NULL || i->ifa_addr->sa_family != family ||
		!(i->ifa_flags & IFF_UP))
		return false;
	out->len = family == AF_INET ? sizeof(out->in) : sizeof(out->in6);
	memcpy(&out->any, i->ifa_addr, out->len);
	return !is_link_local(out);
}

bool daemon_has_address(const struct sock_addr *a)
{
	struct ifaddrs *all = NULL;
	struct sock_addr own;
	bool found = false;

	if (getifaddrs(&all) != 0)
		return false;
	for (const struct ifaddrs *i = all; i != NULL && !found; i = i->ifa_next)
		found = read_interface(i, a->any.sa_family, &own) &&
			memcmp(octets_of(&own), octets_of(a),
				a->any.sa_family == AF_INET ? 4 : 16) == 0;
	freeifaddrs(all);
	return found;
}

/* All addresses of the machine; those of the loopback interface only if there are no others. */
static void add_interfaces(struct own_names *o, sa_family_t family)
{
	struct ifaddrs *all = NULL;
	struct sock_addr a;

	if (getifaddrs(&all) != 0)
		return;
	for (int loopback = 0; loopback < 2 && o->n_addresses == 0; loopback++) {
		for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
			if (read_interface(i, family, &a) &&
				sock_addr_is_loopback(&a) == (loopback == 1))
				add_address(o, octets_of(&a));
		}
	}
	freeifaddrs(all);
}

static int set_name(const char *prefix, const char *name, struct dname *out)
{
	char text[DNAME_TEXT];
	struct dname given;
	int err;

	snprintf(text, sizeof(text), "%s%s", prefix, name);
	err = dname_from_text(text, &given);
	if (err != CMAP_OK)
		return err;
	out->len = given.len;
	dname_lower(given.wire, given.len, out->wire);
	return CMAP_OK;
}

int daemon_own_names(const struct daemon *d, const struct config *c,
	struct own_names *out)
{
	/* api itself takes effect at a start only. */
	const struct sock_addr *api = &d->start_config->api;

	memset(out, 0, sizeof(*out));
	if (c->api_name[0] == '\0' || api->len == 0)
		return CMAP_OK;
	out->type = api->any.sa_family == AF_INET ? DNS_A : DNS_AAAA;
	if (sock_addr_is_wildcard(api))
		add_interfaces(out, api->any.sa_family);
	else
		add_address(out, octets_of(api));
	out->negative_ttl = c->negative_ttl;
	out->n = OWN_NAMES;
	if (set_name("", c->api_name, &out->name[0]) != CMAP_OK ||
		set_name("data-", c->api_name, &out->name[1]) != CMAP_OK)
		return CMAP_E_INVALID;
	return dname_from_text(c->nameserver, &out->nameserver);
}

/* ---- what stands in their way ------------------------------------------------------------------- */

/* Tells when a name begins to give way, and when it no longer does. */
static void look(struct daemon *d, struct own_names *own)
{
	char text[DNAME_TEXT];

	for (uint8_t i = 0; i < OWN_NAMES; i++) {
		const struct dname *name = &own->name[i];
		bool gives_way =
			i < own->n &&
			own_name_gives_way(published_find(zone_published(d->zone),
				name->wire, name->len));

		if (gives_way == d->own_name_gave_way[i])
			continue;
		d->own_name_gave_way[i] = gives_way;
		if (i >= own->n)
			continue;
		dname_to_text(name->wire, text);
		if (gives_way)
			log_warning("api_name: '%s' is not answered with the API's "
				    "addresses: a service or a zone file has that name",
				text);
		else
			log_info("api_name: '%s' is answered again with the API's "
				 "addresses",
				text);
	}
}

void daemon_look_at_own_names(struct daemon *d)
{
	struct own_names own;

	if (daemon_own_names(d, d->config, &own) == CMAP_OK)
		look(d, &own);
}

static void look_again(struct timer *t, int64_t now_ms)
{
	struct daemon *d = CONTAINER_OF(t, struct daemon, own_names_timer);

	daemon_look_at_own_names(d);
	loop_timer_set(&d->loop, t, now_ms + LOOK_MS);
}

void daemon_watch_own_names(struct daemon *d)
{
	daemon_look_at_own_names(d);
	d->own_names_timer.fire = look_again;
	loop_timer_set(&d->loop, &d->own_names_timer, loop_now_ms(&d->loop) + LOOK_MS);
}
