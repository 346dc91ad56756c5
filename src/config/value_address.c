/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "config/value.h"

#define DNS_PORT   53
#define LISTEN_MAX 64 /* each has UDP threads of its own */

static void address_quote(const struct sock_addr *a, struct buf *out)
{
	char text[SOCK_ADDR_TEXT];

	sock_addr_format(a, text);
	config_quote(text, out);
}

static int list_add(struct config_addresses *list, const char *text, size_t max,
	struct buf *why)
{
	struct sock_addr a;

	if (sock_addr_parse(text, DNS_PORT, &a) != CMAP_OK) {
		buf_printf(why,
			"'%s' is not an address such as 127.0.0.1:53 or [::1]:53",
			text);
		return CMAP_E_INVALID;
	}
	for (size_t i = 0; i < list->n; i++) {
		/* Port 0 is another port each time. */
		if (sock_addr_port(&a) && sock_addr_equal(&a, &list->at[i])) {
			buf_printf(why, "'%s' is there already", text);
			return CMAP_E_INVALID;
		}
	}
	if (list->n == max) {
		buf_printf(why, "more than %zu addresses", max);
		return CMAP_E_INVALID;
	}
	list->at = xreallocarray(list->at, list->n + 1, sizeof(*list->at));
	list->at[list->n++] = a;
	return CMAP_OK;
}

static int addresses_parse(const struct config_option *o, const char *text,
	void *member, struct buf *why)
{
	(void)o;
	return list_add(member, text, LISTEN_MAX, why);
}

static void addresses_format(const void *member, struct buf *out)
{
	const struct config_addresses *list = member;

	buf_add_text(out, "{");
	for (size_t i = 0; i < list->n; i++) {
		buf_add_text(out, i ? ", " : "");
		address_quote(&list->at[i], out);
	}
	buf_add_text(out, "}");
}

static void addresses_release(void *member)
{
	struct config_addresses *list = member;

	free(list->at);
	*list = (struct config_addresses){0};
}

const struct config_type config_type_addresses = {
	addresses_parse, addresses_format, addresses_release, true};

/* "auto" stands for itself and stands alone. */
static int upstreams_parse(const struct config_option *o, const char *text,
	void *member, struct buf *why)
{
	struct config_upstreams *u = member;
	bool is_auto = strcmp(text, "auto") == 0;

	if (u->is_auto || (is_auto && u->list.n > 0)) {
		buf_add_text(why, "'auto' stands alone");
		return CMAP_E_INVALID;
	}
	if (!is_auto)
		return list_add(&u->list, text, (size_t)o->max, why);
	u->is_auto = true;
	return CMAP_OK;
}

static void upstreams_format(const void *member, struct buf *out)
{
	const struct config_upstreams *u = member;

	if (u->is_auto)
		buf_add_text(out, "{\"auto\"}");
	else
		addresses_format(&u->list, out);
}

static void upstreams_release(void *member)
{
	struct config_upstreams *u = member;

	u->is_auto = false;
	addresses_release(&u->list);
}

const struct config_type config_type_upstreams = {
	upstreams_parse, upstreams_format, upstreams_release, true};

static int address_parse(const struct config_option *o, const char *text, void *member,
	struct buf *why)
{
	struct sock_addr a = {0};

	(void)o;
	/* There is no usual port to fall back on. */
	if (*text && sock_addr_parse(text, 0, &a) != CMAP_OK) {
		buf_printf(why,
			"'%s' is not an address with a port such as 127.0.0.1:8053 or "
			"[::1]:8053",
			text);
		return CMAP_E_INVALID;
	}
	*(struct sock_addr *)member = a;
	return CMAP_OK;
}

static void address_format(const void *member, struct buf *out)
{
	const struct sock_addr *a = member;

	if (a->len)
		address_quote(a, out);
	else
		buf_add_text(out, "\"\"");
}

const struct config_type config_type_address = {
	address_parse, address_format, NULL, false};
