/* SPDX-License-Identifier: MIT */
/* test_doctor.c -- the parsers of cmapctl doctor. */
#include "test.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "base/mem.h"
#include "ctl/doctor_conf.h"
#include "ctl/doctor_report.h"
#include "run.h"

static void read_resolv(struct resolv_conf *r, const char *text)
{
	*r = (struct resolv_conf){0};
	resolv_conf_parse(text, strlen(text), r);
}

static void read_hosts(struct nss_hosts *h, const char *text)
{
	*h = (struct nss_hosts){0};
	nss_hosts_parse(text, strlen(text), h);
}

Test(doctor, resolv_conf_is_read_as_glibc_does)
{
	struct resolv_conf r;

	read_resolv(&r, "# nameserver 192.0.2.1\n"
			" nameserver 192.0.2.2\n"
			"nameserver\t192.0.2.3 # here\n"
			"nameserver 127.1\r\n"
			"nameserver fe80::1%1\n"
			"nameserver 192.0.2.4:53\n"
			"nameserver [::1]\n"
			"nameservers 192.0.2.5\n"
			"domain first.example second.example\n"
			"search a.internal .\tb.internal\n"
			"options ndots:3 timeout:1\n"
			"options rotate ndots:99");
	cr_assert_eq(r.n_servers, 5);
	cr_expect_str_eq(r.servers[0].text, "192.0.2.3");
	cr_expect(r.servers[0].usable);
	cr_expect_eq(r.servers[0].line.number, 3);
	cr_expect_str_eq(r.servers[0].line.text, "nameserver 192.0.2.3 # here");
	cr_expect(r.servers[1].usable, "127.1 is an address");
	cr_expect_eq(r.servers[1].addr.in.sin_addr.s_addr, htonl(0x7F000001));
	cr_expect(r.servers[2].usable);
	cr_expect_eq(r.servers[2].addr.in6.sin6_scope_id, 1);
	cr_expect_not(r.servers[3].usable, "a port is not taken");
	cr_expect_not(r.servers[4].usable, "brackets are not taken");
	cr_assert_eq(r.search.n, 2);
	cr_expect_str_eq(r.search.at[0], "a.internal");
	cr_expect_str_eq(r.search.at[1], "b.internal");
	cr_expect_eq(r.search_line.number, 10);
	cr_expect_eq(r.ndots, DOCTOR_NDOTS_MAX);
	cr_expect_eq(r.ndots_line.number, 12);
	cr_expect_not_null(r.rotate_line.text);
	cr_expect_null(r.use_vc_line.text);
	cr_expect_null(r.single_request_line.text);
	resolv_conf_free(&r);
}

Test(doctor, single_request_reopen_is_another_option)
{
	struct resolv_conf r;

	read_resolv(&r, "options single-request-reopen\noptions use-vc\n");
	cr_expect_null(r.single_request_line.text);
	cr_expect_eq(r.use_vc_line.number, 2);
	resolv_conf_free(&r);
	read_resolv(&r, "options single-request\n");
	cr_expect_eq(r.single_request_line.number, 1);
	resolv_conf_free(&r);
}

Test(doctor, what_does_not_print_is_shown_by_its_number)
{
	struct resolv_conf r;

	read_resolv(&r, "nameserver 192.0.2.1\x1b[2J\nsearch \xff\n");
	cr_assert_eq(r.n_servers, 1);
	cr_expect_str_eq(r.servers[0].text, "192.0.2.1\\x1B[2J");
	cr_expect_str_eq(r.search.at[0], "\\xFF");
	resolv_conf_free(&r);
}

Test(doctor, an_option_is_taken_out_of_its_line)
{
	static const struct {
		const char *line;
		const char *option;
		const char *instead;
		const char *want;
	} cases[] = {
		{"options rotate  edns0", "rotate", NULL, "options edns0"},
		{"options rotate", "rotate", NULL, ""},
		{"options edns0 ndots:5", "ndots", "ndots:1", "options edns0 ndots:1"},
		{"options single-request-reopen single-request", "single-request", NULL,
			"options single-request-reopen"},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		char *got = resolv_conf_without(cases[i].line, cases[i].option,
			cases[i].instead);

		cr_expect_str_eq(got, cases[i].want, "%s", cases[i].line);
		free(got);
	}
}

Test(doctor, the_last_hosts_line_counts)
{
	struct nss_hosts h;

	read_hosts(&h, "passwd: files\nhosts: db\n"
		       "hosts:\tfiles mdns4_minimal [NOTFOUND=return] resolve"
		       "[!UNAVAIL=return SUCCESS=return] dns # dns\n");
	cr_expect_eq(h.line.number, 3);
	cr_assert_eq(h.n, 4);
	cr_expect_str_eq(h.services[1].name, "mdns4_minimal");
	cr_expect_str_eq(h.services[1].action, "[NOTFOUND=return]");
	cr_expect(h.services[1].ends_notfound);
	cr_expect_str_eq(h.services[2].name, "resolve");
	cr_expect(h.services[2].ends_notfound);
	cr_expect_str_eq(h.services[3].name, "dns");
	cr_expect_null(h.services[3].action);
	cr_expect_not(h.services[0].ends_notfound);
	cr_expect_eq(nss_hosts_find(&h, "mdns"), 1);
	cr_expect_eq(nss_hosts_find(&h, "nis"), 4);
	nss_hosts_free(&h);
}

Test(doctor, an_action_tells_who_is_asked_next)
{
	static const struct {
		const char *action;
		bool ends;
	} cases[] = {{"", false}, {"[UNAVAIL=return]", false},
		{"[!NOTFOUND=return]", false}, {"[notfound=RETURN]", true},
		{"[NOTFOUND=return] [NOTFOUND=continue]", false},
		{"[!UNAVAIL=return NOTFOUND=continue]", false},
		{"[NOTFOUND=return", true}};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		char *text = xasprintf("hosts: resolve %s", cases[i].action);
		struct nss_hosts h;

		read_hosts(&h, text);
		cr_assert_eq(h.n, 1, "%s", text);
		cr_expect_eq(h.services[0].ends_notfound, cases[i].ends, "%s", text);
		nss_hosts_free(&h);
		free(text);
	}
}

Test(doctor, a_service_leaves_with_its_action_and_dns_comes_in)
{
	struct nss_hosts h;
	char *got;

	read_hosts(&h, "hosts: files mdns4_minimal [NOTFOUND=return] dns myhostname");
	got = nss_hosts_without(&h, "mdns");
	cr_expect_str_eq(got, "hosts: files dns myhostname");
	free(got);
	nss_hosts_free(&h);
	read_hosts(&h, "hosts: files resolve [!UNAVAIL=return]");
	got = nss_hosts_without(&h, NULL);
	cr_expect_str_eq(got, "hosts: files resolve [!UNAVAIL=return] dns");
	free(got);
	nss_hosts_free(&h);
	read_hosts(&h, "hosts: files [NOTFOUND=return");
	got = nss_hosts_without(&h, NULL);
	cr_expect_str_eq(got, "hosts: files [NOTFOUND=return] dns",
		"it was not closed");
	free(got);
	nss_hosts_free(&h);
}

Test(doctor, nscd_keeps_hosts_if_its_file_says_so)
{
	static const char yes[] =
		"enable-cache passwd yes\n\tenable-cache\thosts yes\n";
	static const char no[] = "enable-cache hosts no # yes\n";
	struct doctor_line line = {0};

	nscd_conf_parse(yes, strlen(yes), &line);
	cr_expect_eq(line.number, 2);
	nscd_conf_parse(no, strlen(no), &line);
	cr_expect_null(line.text, "the last line counts");
	doctor_line_free(&line);
}

Test(doctor, resolved_conf_grows_over_its_files)
{
	static const char first[] = "[Resolve]\n#DNS=192.0.2.9\nDNS=192.0.2.1\n"
				    "Domains = ~internal \\\n; said between\n  corp\n"
				    "DNSSEC=allow-downgrade\n[Other]\nDNS=192.0.2.8\n";
	static const char second[] = "[Resolve]\nDomains=~local\nDNSSEC=yes";
	static const char third[] = "[Resolve]\nDomains=\nDomains=.\nDNSSEC=no\n";
	struct resolved_conf r = {0};

	resolved_conf_parse("/a", first, strlen(first), &r);
	cr_assert_eq(r.servers.n, 1);
	cr_expect_str_eq(r.servers.at[0], "192.0.2.1");
	cr_assert_eq(r.domains.n, 2);
	cr_expect_str_eq(r.domains.at[0], "internal");
	cr_expect_str_eq(r.domains.at[1], "corp");
	cr_expect(r.validates);
	resolved_conf_parse("/b", second, strlen(second), &r);
	cr_expect_eq(r.domains.n, 3);
	cr_expect(r.validates);
	cr_expect_str_eq(r.dnssec_file, "/b");
	cr_expect_eq(r.dnssec_line.number, 3);
	resolved_conf_parse("/c", third, strlen(third), &r);
	cr_assert_eq(r.domains.n, 1, "an empty value empties the list");
	cr_expect_not(r.validates);
	resolved_conf_free(&r);
}

Test(doctor, dnsmasq_sends_by_the_longest_domain)
{
	static const char text[] =
		"server=10.0.0.1#5353\n"
		" server = /internal/.prod.local/127.0.0.1#5300 # ours\n"
		"local=/kept.internal/\n"
		"server=/open/#\n"
		"stop-dns-rebind\n#rebind-domain-ok=/no/\n"
		"rebind-domain-ok=/internal/lan/\n"
		"conf-dir=\"/etc/more.d\",*.conf\nconf-file=/etc/one\n";
	struct dnsmasq_conf d = {0};

	dnsmasq_conf_parse("/etc/dnsmasq.conf", text, strlen(text), &d);
	cr_expect(dnsmasq_conf_sends(&d, "internal"));
	cr_expect(dnsmasq_conf_sends(&d, "web.INTERNAL"));
	cr_expect(dnsmasq_conf_sends(&d, "prod.local"));
	cr_expect_not(dnsmasq_conf_sends(&d, "a.kept.internal"));
	cr_expect_not(dnsmasq_conf_sends(&d, "myinternal"));
	cr_expect_not(dnsmasq_conf_sends(&d, "open"));
	cr_expect_not(dnsmasq_conf_sends(&d, "local"));
	cr_expect_eq(d.rebind.number, 5);
	cr_expect_str_eq(d.rebind_file, "/etc/dnsmasq.conf");
	cr_expect_eq(d.unbound.n, 2);
	cr_assert_eq(d.includes.n, 2);
	cr_expect_str_eq(d.includes.at[1], "/etc/one");
	dnsmasq_conf_free(&d);
}

Test(doctor, names_lie_below_domains_by_whole_labels)
{
	cr_expect(doctor_name_is_below("web.internal", "internal"));
	cr_expect(doctor_name_is_below("Web.Internal.", ".iNternal"));
	cr_expect(doctor_name_is_below("internal", "internal."));
	cr_expect(doctor_name_is_below("internal", "."));
	cr_expect_not(doctor_name_is_below("internal", "web.internal"));
	cr_expect_not(doctor_name_is_below("webinternal", "internal"));
}

Test(doctor, each_code_has_a_name_of_its_own_that_the_manual_lists)
{
	const char *srcdir = getenv("srcdir");
	char *path = xasprintf("%s/man/cmapctl.1", srcdir != NULL ? srcdir : "..");
	FILE *file = fopen(path, "re");
	char *manual = xcalloc(1, 65536);

	cr_assert_not_null(file, "%s cannot be read", path);
	cr_assert_gt(fread(manual, 1, 65535, file), 0);
	fclose(file);
	for (unsigned int i = 0; i < DOCTOR_CODES; i++) {
		const char *name = doctor_code_name((enum doctor_code)i);
		char *item;

		cr_assert_not_null(name, "code %u", i);
		item = xasprintf("\n.It Li %s\n", name);
		cr_expect_not_null(strstr(manual, item), "cmapctl(1) lacks %s", name);
		free(item);
		for (unsigned int k = 0; k < i; k++)
			cr_expect_str_neq(name, doctor_code_name((enum doctor_code)k));
	}
	free(manual);
	free(path);
}

Test(doctor, a_line_to_change_is_shown_before_and_after)
{
	struct doctor_line line = {0};
	struct doctor_report r = {0};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	doctor_line_set(&line, "nameserver\t192.0.2.1 ", 7);
	cr_expect_str_eq(line.text, "nameserver 192.0.2.1");
	doctor_report_add(&r, DOCTOR_UNREACHABLE,
		(struct doctor_change){"/etc/resolv.conf", &line, NULL},
		"%s is not there", "192.0.2.1");
	doctor_report_add(&r, DOCTOR_NDOTS,
		(struct doctor_change){"/f", NULL, xstrdup("one\ntwo")}, "so");
	doctor_report_add(&r, DOCTOR_NO_TCP,
		(struct doctor_change){NULL, NULL, xstrdup("it")}, "so");
	doctor_report_print(&r, out);
	fclose(out);
	cr_expect(run_begins(text,
			  "error unreachable: 192.0.2.1 is not there\n  why: "),
		"%s", text);
	cr_expect_not_null(strstr(text, "\n  change /etc/resolv.conf, line 7:\n"
					"  - nameserver 192.0.2.1\n\nwarning "
					"resolv-ndots: so\n"),
		"%s", text);
	cr_expect_not_null(strstr(text, "\n  add to /f:\n  + one\n  + two\n\n"), "%s",
		text);
	cr_expect_not_null(strstr(text, "\n  do: it\n"), "%s", text);
	free(text);
	doctor_line_free(&line);
	doctor_report_free(&r);
}

Test(doctor, what_cannot_be_meant_is_refused)
{
	static const char *const lines[] = {"doctor --port 0", "doctor --server host",
		"doctor --server 127.0.0.1:0", "doctor a..b",
		"doctor --root /nonexistent/root"};

	for (size_t i = 0; i < CMAP_COUNT(lines); i++) {
		struct run r;

		run_line(&r, NULL, lines[i]);
		cr_expect_eq(r.status, 64, "%s: %d", lines[i], r.status);
		cr_expect(run_begins(r.err, "cmapctl: "), "%s", r.err);
		cr_expect_str_eq(r.out, "");
		run_free(&r);
	}
}
