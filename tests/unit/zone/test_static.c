/* SPDX-License-Identifier: MIT */
#include "zone/static.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "test.h"
#include "wire/dns.h"

static struct dname dname(const char *text)
{
	struct dname d;

	cr_assert_eq(dname_from_text(text, &d), CMAP_OK, "%s", text);
	return d;
}

static struct static_zone *read_zone(const char *text)
{
	struct dname apex = dname("Zone.test");
	struct static_zone *z = NULL;
	struct buf why = {.data = NULL};

	cr_assert_eq(static_read_text("f", text, strlen(text), &apex, &z, &why),
		CMAP_OK, "%s", buf_text(&why));
	return z;
}

static struct static_owner *find(const struct static_zone *z, const char *name)
{
	struct dname d = dname(name);

	return static_find(z, d.wire, d.len);
}

Test(static_zone, owners_have_rrsets_of_records)
{
	struct static_zone *z = read_zone("$TTL 60\n"
					  "A.b A 192.0.2.1\n"
					  "a.B 7 A 192.0.2.2\n"
					  "a.b A 192.0.2.1\n"
					  "a.b TXT x\n");
	struct static_owner *o = find(z, "a.b.zone.test");
	struct static_rrset *a = static_rrset(o, DNS_A);
	const uint8_t *rdata = NULL;
	uint16_t len = 0;
	size_t at = 0;

	cr_assert_eq(HASH_CNT(hh, z->owners), 2, "and the apex");
	cr_assert_eq(z->at_apex, find(z, "zone.test"));
	cr_assert_eq(z->at_apex->n, 0);
	cr_assert_eq(o->n, 2);
	cr_assert_eq(o->zone, z);
	cr_assert(o->rotates);
	cr_assert_eq(a->n, 2, "the third is the first again");
	cr_assert_eq(a->ttl, 7);
	cr_assert_eq(a->line, 2);
	cr_assert(static_next(a, &at, &rdata, &len));
	cr_assert(len == 4 && memcmp(rdata, "\300\0\2\1", 4) == 0);
	cr_assert(static_next(a, &at, &rdata, &len));
	cr_assert(len == 4 && memcmp(rdata, "\300\0\2\2", 4) == 0);
	cr_assert_not(static_next(a, &at, &rdata, &len));
	cr_assert_null(static_rrset(o, DNS_AAAA));
	cr_assert_null(find(z, "b.zone.test"));
	static_free(z);
	static_free(NULL);
}

Test(static_zone, the_lesser_ttl_counts_of_a_record_that_is_there_twice)
{
	struct static_zone *z = read_zone("a 60 A 192.0.2.1\na 5 A 192.0.2.1\n");

	cr_assert_eq(static_rrset(find(z, "a.zone.test"), DNS_A)->ttl, 5);
	static_free(z);
}

Test(static_zone, ns_below_the_apex_is_a_cut)
{
	struct static_zone *z = read_zone("$TTL 60\n@ NS a\nb NS a\nb NS c\nd.b NS a\n"
					  "e A 192.0.2.1\n");

	cr_assert_not(z->at_apex->is_cut);
	cr_assert(find(z, "b.zone.test")->is_cut);
	cr_assert(find(z, "d.b.zone.test")->is_cut);
	cr_assert_not(find(z, "e.zone.test")->is_cut);
	cr_assert_eq(z->n_cuts, 2);
	static_free(z);
}

static void check_refused(const char *text, const char *why)
{
	struct dname apex = dname("zone.test");
	struct static_zone *z = NULL;
	struct buf got = {.data = NULL};

	cr_expect_eq(static_read_text("/x/f.zone", text, strlen(text), &apex, &z, &got),
		CMAP_E_INVALID, "%s", text);
	cr_expect_str_eq(buf_text(&got), why, "%s", text);
	cr_expect_null(z);
	buf_free(&got);
}

Test(static_zone, what_it_may_not_hold_is_told_with_file_and_line)
{
	check_refused("a 1 A x", "/x/f.zone:1: 'x' is no IPv4 address");
	check_refused("a 1 TXT \"x", "/x/f.zone:1: a quoted string does not end on its "
				     "line");
	check_refused("\n\na.other.test. 1 A 192.0.2.1",
		"/x/f.zone:3: 'a.other.test.' lies outside the zone 'zone.test.'");
	check_refused("xzone.test. 1 A 192.0.2.1",
		"/x/f.zone:1: 'xzone.test.' lies outside the zone 'zone.test.'");
	check_refused("test. 1 A 192.0.2.1",
		"/x/f.zone:1: 'test.' lies outside the zone 'zone.test.'");
	check_refused("a 1 DNAME b", "/x/f.zone:1: DNAME is not supported");
	check_refused("a 1 RRSIG \\# 0", "/x/f.zone:1: this is no data of a record of "
					 "type RRSIG");
	check_refused("a 1 NSEC3PARAM 1 0 0 -",
		"/x/f.zone:1: this zone is signed; signatures are not supported");
	check_refused("*.a 1 NS b", "/x/f.zone:1: a wildcard cannot be delegated");
	check_refused("a 1 SOA b c 1 2 3 4 5",
		"/x/f.zone:1: a SOA belongs at 'zone.test.' alone");
	check_refused("@ 1 CNAME b", "/x/f.zone:1: a CNAME cannot stand at the apex, "
				     "beside SOA and NS");
}

Test(static_zone, one_name_has_so_many_types)
{
	struct buf text = {.data = NULL};
	struct static_zone *z;

	buf_add_text(&text, "$TTL 60\n");
	for (int i = 0; i < STATIC_RRSETS_MAX; i++)
		buf_printf(&text, "a TYPE%d \\# 0\n", 1000 + i);
	z = read_zone(buf_text(&text));
	cr_assert_eq(find(z, "a.zone.test")->n, STATIC_RRSETS_MAX);
	static_free(z);
	buf_add_text(&text, "a TYPE1000 \\# 1 00\na A 192.0.2.1\n");
	check_refused(buf_text(&text),
		"/x/f.zone:203: more than 200 types at one name");
	buf_free(&text);
}

Test(static_zone, an_rrset_fits_an_answer)
{
	struct buf text = {.data = NULL};
	struct static_zone *z;

	buf_add_text(&text, "$TTL 60\n");
	for (int i = 0; i < STATIC_RRSET_MAX / 16; i++)
		buf_printf(&text, "a A 10.0.%d.%d\n", i / 256, i % 256);
	z = read_zone(buf_text(&text));
	cr_assert_eq(static_rrset(find(z, "a.zone.test"), DNS_A)->n, 4062);
	static_free(z);
	buf_add_text(&text, "a A 192.0.2.1\n");
	check_refused(buf_text(&text),
		"/x/f.zone:4064: more data of one type than an answer could carry");
	buf_free(&text);
}

/* ---- files --------------------------------------------------------------------------------------- */

static int read_path(const char *path, struct static_zone **out, struct buf *why)
{
	struct dname apex = dname("zone.test");

	return static_read_file(path, &apex, out, why);
}

static void check_path(const char *path, int err, const char *why)
{
	struct static_zone *z = NULL;
	struct buf got = {.data = NULL};

	cr_expect_eq(read_path(path, &z, &got), err, "%s", path);
	cr_expect_str_eq(buf_text(&got), why);
	cr_expect_null(z);
	buf_free(&got);
}

Test(static_zone, a_file_is_read)
{
	char path[] = "/tmp/cmap-test-XXXXXX", name[300];
	int fd = mkstemp(path);
	static const char text[] = "a 60 A 192.0.2.1\n";
	struct static_zone *z = NULL;
	struct buf why = {.data = NULL};
	char *expected = xasprintf("%s:2: no type", path);

	cr_assert(fd >= 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	cr_assert_eq(read_path(path, &z, &why), CMAP_OK);
	cr_assert_not_null(find(z, "a.zone.test"));
	cr_assert_str_eq(z->path, path);
	static_free(z);
	cr_assert_eq(write(fd, "b", 1), 1);
	check_path(path, CMAP_E_INVALID, expected);
	cr_assert_eq(ftruncate(fd, 0), 0);
	cr_assert_eq(read_path(path, &z, &why), CMAP_OK, "an empty one has no records");
	cr_assert_eq(HASH_CNT(hh, z->owners), 1);
	static_free(z);
	close(fd);
	unlink(path);
	free(expected);

	check_path(path, CMAP_E_NOT_FOUND, "");
	memset(name, 'x', sizeof(name));
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	check_path(name, CMAP_E_NOT_FOUND, "");
}

Test(static_zone, what_is_no_file_is_refused)
{
	char dir[] = "/tmp/cmap-test-XXXXXX", why[100], fifo[64];

	cr_assert_not_null(mkdtemp(dir));
	snprintf(why, sizeof(why), "%s: not a regular file", dir);
	check_path(dir, CMAP_E_INVALID, why);
	snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	cr_assert_eq(mkfifo(fifo, 0600), 0);
	snprintf(why, sizeof(why), "%s: not a regular file", fifo);
	check_path(fifo, CMAP_E_INVALID, why);
	unlink(fifo);
	rmdir(dir);
	check_path("/dev/null/x", CMAP_E_SYSTEM, "/dev/null/x: Not a directory");
}
