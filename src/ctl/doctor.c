/* SPDX-License-Identifier: MIT */
/* doctor.c -- cmapctl doctor: why names do not resolve on this host. */
#include "ctl/doctor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "ctl/check.h"
#include "ctl/command.h"

#define DNS_PORT 53
#define STUB     "127.0.0.53"

/* What the options say. */
struct wish {
	const char *root;
	struct sock_addr server; /* len 0: none */
	uint32_t port;
};

static int read_options(const struct ctl *c, const struct args *a, struct wish *w)
{
	const char *server = args_value(a, "server");
	const char *port = args_value(a, "port");
	char name[CHECK_NAME_MAX + 1];
	int status = CTL_OK;

	for (size_t i = 0; i < a->n_operands && status == CTL_OK; i++)
		status = check_namespace_name(c, a->operands[i], true, name);
	if (status != CTL_OK)
		return status;
	w->root = args_has(a, "root") ? args_value(a, "root") : "/";
	w->port = DNS_PORT;
	if (port != NULL)
		status = check_number(c, "port", port, UINT16_MAX, &w->port);
	if (status == CTL_OK && server != NULL &&
		(sock_addr_parse(server, DNS_PORT, &w->server) != CMAP_OK ||
			sock_addr_port(&w->server) == 0))
		status = ctl_fail(c, CTL_USAGE,
			"option '--server': '%s' is not ADDR or ADDR:PORT", server);
	return status;
}

/* text: how the user would write addr; NULL: with its port. */
static void add_server(struct doctor *d, enum doctor_origin origin,
	const struct sock_addr *addr, const char *text,
	const struct resolv_server *listed)
{
	struct doctor_server *s;

	for (size_t i = 0; i < d->n_servers; i++) {
		if (sock_addr_equal(&d->servers[i].addr, addr))
			return;
	}
	d->servers = xreallocarray(d->servers, d->n_servers + 1, sizeof(*d->servers));
	s = &d->servers[d->n_servers++];
	*s = (struct doctor_server){.origin = origin, .addr = *addr, .listed = listed};
	if (text != NULL)
		snprintf(s->text, sizeof(s->text), "%s", text);
	else
		sock_addr_format(addr, s->text);
}

static void set_port(struct sock_addr *addr, uint32_t port)
{
	if (addr->any.sa_family == AF_INET)
		addr->in.sin_port = htons((uint16_t)port);
	else
		addr->in6.sin6_port = htons((uint16_t)port);
}

/* The servers of a resolv.conf that are asked. */
static void add_listed(struct doctor *d, enum doctor_origin origin,
	const struct resolv_conf *r, uint32_t port)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_servers && n < DOCTOR_SERVERS_ASKED; i++) {
		struct sock_addr addr = r->servers[i].addr;

		if (!r->servers[i].usable)
			continue;
		n++;
		set_port(&addr, port);
		add_server(d, origin, &addr, r->servers[i].text,
			origin == DOCTOR_LISTED ? &r->servers[i] : NULL);
	}
}

static void find_servers(struct doctor *d, const struct wish *w)
{
	const struct nss_hosts *h = &d->host.hosts;
	struct sock_addr stub;

	add_listed(d, DOCTOR_LISTED, &d->host.resolv, w->port);
	if (w->server.len != 0)
		add_server(d, DOCTOR_GIVEN, &w->server, NULL, NULL);
	if (nss_hosts_find(h, "resolve") < h->n &&
		sock_addr_parse(STUB, (uint16_t)w->port, &stub) == CMAP_OK)
		add_server(d, DOCTOR_STUB, &stub, STUB, NULL);
	add_listed(d, DOCTOR_UPLINK, &d->host.uplinks, w->port);
}

/* Asks each server for each zone, and makes out which one is cmapd. */
static void try_zones(struct doctor *d)
{
	for (size_t i = 0; i < d->n_servers; i++) {
		struct doctor_server *s = &d->servers[i];

		for (size_t k = 0; k < d->zones.n; k++)
			doctor_server_try_zone(s, d->zones.at[k]);
		if (s->authoritative && d->cmapd.len == 0)
			d->cmapd = s->addr;
	}
}

char *doctor_cmapd_text(const struct doctor *d, char separator)
{
	const struct sock_addr *a = &d->cmapd;
	bool six = a->len != 0 && a->any.sa_family == AF_INET6;
	char text[INET6_ADDRSTRLEN];

	if (a->len == 0)
		return xstrdup("ADDR");
	if (six)
		inet_ntop(AF_INET6, &a->in6.sin6_addr, text, sizeof(text));
	else
		inet_ntop(AF_INET, &a->in.sin_addr, text, sizeof(text));
	if (separator == '\0' || sock_addr_port(a) == DNS_PORT)
		return xstrdup(text);
	if (six && separator == ':')
		return xasprintf("[%s]:%u", text, sock_addr_port(a));
	return xasprintf("%s%c%u", text, separator, sock_addr_port(a));
}

char *doctor_cmapd_line(const struct doctor *d)
{
	char *at = doctor_cmapd_text(d, '\0');
	char *line = xasprintf("nameserver %s", at);

	free(at);
	return line;
}

struct doctor_change doctor_change_server(const struct doctor *d,
	const struct doctor_server *s)
{
	struct doctor_change change = {DOCTOR_RESOLV, NULL, NULL};

	if (s->listed == NULL)
		return (struct doctor_change){
			NULL, NULL, xasprintf("look after the server at %s", s->text)};
	change.line = &s->listed->line;
	for (size_t i = 0; i < d->n_servers; i++) {
		const struct doctor_server *other = &d->servers[i];

		if (other != s && other->origin == DOCTOR_LISTED &&
			other->reach == DOCTOR_ANSWERS)
			return change;
	}
	change.text = doctor_cmapd_line(d);
	return change;
}

static int show(const struct doctor *d)
{
	if (d->ctl->json) {
		json_t *all = doctor_report_json(&d->report);

		ctl_print_json(d->ctl, all);
		json_decref(all);
	} else {
		doctor_report_print(&d->report, d->ctl->out);
	}
	return d->report.n > 0 ? CTL_NO : CTL_OK;
}

static int examine(struct doctor *d, const struct args *a, const struct wish *w)
{
	int status;

	find_servers(d, w);
	for (size_t i = 0; i < d->n_servers; i++)
		doctor_server_greet(&d->servers[i],
			a->n_operands > 0 ? a->operands[0] : ".");
	d->cmapd = w->server;
	status = doctor_names_find(d, a);
	if (status != CTL_OK)
		return status;
	try_zones(d);
	doctor_check_files(d);
	doctor_check_routes(d);
	doctor_check_replies(d);
	return show(d);
}

static void end(struct doctor *d)
{
	for (size_t i = 0; i < d->n_servers; i++)
		doctor_words_free(&d->servers[i].knows);
	free(d->servers);
	doctor_words_free(&d->registered);
	doctor_words_free(&d->zones);
	doctor_words_free(&d->names);
	doctor_report_free(&d->report);
	doctor_host_free(&d->host);
}

int doctor_run(struct ctl *c, const struct args *a)
{
	struct doctor d = {.ctl = c};
	struct doctor_root root;
	struct wish w = {0};
	int status = read_options(c, a, &w);

	if (status != CTL_OK)
		return status;
	if (doctor_root_open(w.root, &root) != CMAP_OK)
		return ctl_fail(c, CTL_USAGE, "option '--root': cannot read '%s': %s",
			w.root, strerror(errno));
	doctor_host_read(c, &root, &d.host);
	doctor_root_close(&root);
	status = examine(&d, a, &w);
	end(&d);
	return status;
}
