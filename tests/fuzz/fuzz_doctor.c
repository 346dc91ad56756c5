/* SPDX-License-Identifier: MIT */
/*
 * Any octets as each of the files that cmapctl doctor reads: what comes out prints, and a line that was put right reads
 * as right.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/doctor_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
	if (!ok)
		abort();
}

static void expect_printable(const char *text)
{
	for (; *text != '\0'; text++)
		expect(*text >= ' ' && *text <= '~');
}

static void expect_line(const struct doctor_line *l, size_t size)
{
	expect((l->text == NULL) == (l->number == 0));
	if (l->text == NULL)
		return;
	expect_printable(l->text);
	expect(l->number <= size);
}

static void expect_words(const struct doctor_words *w)
{
	for (size_t i = 0; i < w->n; i++) {
		expect_printable(w->at[i]);
		expect(doctor_words_hold(w, w->at[i]));
		expect(doctor_words_cover(w, w->at[i]));
	}
}

static void try_option(const struct doctor_line *l, const char *option)
{
	struct resolv_conf again = {0};
	char *without;

	if (l->text == NULL)
		return;
	without = resolv_conf_without(l->text, option, NULL);
	resolv_conf_parse(without, strlen(without), &again);
	expect(again.ndots_line.text == NULL || strcmp(option, "ndots") != 0);
	expect(again.rotate_line.text == NULL || strcmp(option, "rotate") != 0);
	resolv_conf_free(&again);
	free(without);
}

static void try_resolv(const char *text, size_t size)
{
	struct resolv_conf r = {0};

	resolv_conf_parse(text, size, &r);
	for (size_t i = 0; i < r.n_servers; i++) {
		char shown[SOCK_ADDR_TEXT];

		expect_line(&r.servers[i].line, size);
		expect_printable(r.servers[i].text);
		expect(r.servers[i].usable == (r.servers[i].addr.len > 0));
		if (r.servers[i].usable) {
			sock_addr_format(&r.servers[i].addr, shown);
			expect(sock_addr_port(&r.servers[i].addr) == 53);
		}
	}
	expect(r.ndots <= DOCTOR_NDOTS_MAX);
	expect_words(&r.search);
	expect_line(&r.search_line, size);
	expect_line(&r.use_vc_line, size);
	expect_line(&r.single_request_line, size);
	expect_line(&r.ndots_line, size);
	expect_line(&r.rotate_line, size);
	try_option(&r.ndots_line, "ndots");
	try_option(&r.rotate_line, "rotate");
	resolv_conf_free(&r);
}

static void try_hosts(const char *text, size_t size)
{
	struct nss_hosts h = {0};
	struct nss_hosts again = {0};
	char *without;

	nss_hosts_parse(text, size, &h);
	expect_line(&h.line, size);
	without = nss_hosts_without(&h, "mdns");
	expect_printable(without);
	nss_hosts_parse(without, strlen(without), &again);
	expect(nss_hosts_find(&again, "mdns") == again.n);
	expect(nss_hosts_find(&again, "dns") < again.n);
	free(without);
	nss_hosts_free(&h);
	nss_hosts_free(&again);
}

static void try_resolved(const char *text, size_t size)
{
	struct resolved_conf r = {0};

	resolved_conf_parse("/f", text, size, &r);
	expect_words(&r.servers);
	expect_words(&r.domains);
	expect_line(&r.dnssec_line, size);
	resolved_conf_free(&r);
}

static void try_dnsmasq(const char *text, size_t size)
{
	struct dnsmasq_conf d = {0};

	dnsmasq_conf_parse("/f", text, size, &d);
	expect_words(&d.sent);
	expect_words(&d.kept);
	expect_words(&d.unbound);
	expect_words(&d.includes);
	expect_line(&d.rebind, size);
	expect((d.rebind.text == NULL) == (d.rebind_file == NULL));
	for (size_t i = 0; i < d.kept.n; i++)
		expect(!dnsmasq_conf_sends(&d, d.kept.at[i]) || d.sent.n > 0);
	dnsmasq_conf_free(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct doctor_line nscd = {0};

	/* libFuzzer's first call has no data at all. */
	if (size == 0)
		text = "";
	try_resolv(text, size);
	try_hosts(text, size);
	try_resolved(text, size);
	try_dnsmasq(text, size);
	nscd_conf_parse(text, size, &nscd);
	expect_line(&nscd, size);
	doctor_line_free(&nscd);
	return 0;
}
