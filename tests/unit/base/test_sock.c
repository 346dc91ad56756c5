/* SPDX-License-Identifier: MIT */
#include "base/sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "test.h"

static struct sock_addr addr(const char *text)
{
	struct sock_addr a;

	cr_assert_eq(sock_addr_parse(text, 53, &a), CMAP_OK, "%s", text);
	return a;
}

Test(sock, reads_addresses)
{
	static const struct {
		const char *text;
		const char *canonical;
	} cases[] = {
		{"192.0.2.1", "192.0.2.1:53"},
		{"192.0.2.1:5300", "192.0.2.1:5300"},
		{"0.0.0.0:0", "0.0.0.0:0"},
		{"255.255.255.255:65535", "255.255.255.255:65535"},
		{"127.0.0.1:1", "127.0.0.1:1"},
		{"::", "[::]:53"},
		{"::1", "[::1]:53"},
		{"[::1]", "[::1]:53"},
		{"[::1]:0", "[::1]:0"},
		{"[::1]:65535", "[::1]:65535"},
		{"2001:DB8:0:0:0:0:0:1", "[2001:db8::1]:53"},
		{"::ffff:192.0.2.1", "[::ffff:192.0.2.1]:53"},
		{"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
			"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
		{"[fe80::1%4000000000]:53", "[fe80::1%4000000000]:53"},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct sock_addr a, b;
		char text[SOCK_ADDR_TEXT];

		cr_assert_eq(sock_addr_parse(cases[i].text, 53, &a), CMAP_OK, "%s",
			cases[i].text);
		sock_addr_format(&a, text);
		cr_assert_str_eq(text, cases[i].canonical, "%s: %s", cases[i].text,
			text);
		cr_assert_eq(sock_addr_parse(text, 1, &b), CMAP_OK, "%s", text);
		cr_assert(sock_addr_equal(&a, &b), "%s", text);
		cr_assert_eq(a.len,
			a.any.sa_family == AF_INET ? sizeof(a.in) : sizeof(a.in6));
	}
}

Test(sock, refuses_what_is_no_address)
{
	static const char *const cases[] = {"", ":", ":53", "localhost", "localhost:53",
		"1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4:", "1.2.3.4:65536",
		"1.2.3.4:-1", "1.2.3.4:+1", "1.2.3.4: 53", "1.2.3.4:53 ", " 1.2.3.4",
		"1.2.3.4:0x35", "1.2.3.4:053", "1.2.3.4:00",
		"1.2.3.4:99999999999999999999", "1.2.3.4:domain", "1.2.3.4/24", "[",
		"[]", "[]:53", "[::1", "::1]", "[::1]:", "[::1]53", "[::1]:65536",
		"[::1]x:53", "[[::1]]:53", "[1.2.3.4]:53", ":::", "1:2:3", "::g",
		"12345::", "1::2::3", "1:2:3:4:5:6:7:8:9", "fe80::1%", "[fe80::1%]:53",
		"fe80::1%no-such-interface", "fe80::1%4294967296",
		"[::1]:53[::1]:53[::1]:53[::1]:53[::1]:53[::1]:53[::1]:53[::1]:53"};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct sock_addr a = {.len = 7};

		cr_assert_eq(sock_addr_parse(cases[i], 53, &a), CMAP_E_INVALID, "%s",
			cases[i]);
		cr_assert_eq(a.len, 7, "%s", cases[i]);
	}
}

Test(sock, without_a_default_a_port_must_be_written)
{
	struct sock_addr a;

	cr_assert_eq(sock_addr_parse("127.0.0.1", 0, &a), CMAP_E_INVALID);
	cr_assert_eq(sock_addr_parse("[::1]", 0, &a), CMAP_E_INVALID);
	cr_assert_eq(sock_addr_parse("127.0.0.1:0", 0, &a), CMAP_OK);
	cr_assert_eq(sock_addr_port(&a), 0);
	cr_assert_eq(sock_addr_parse("[::1]:8", 0, &a), CMAP_OK);
	cr_assert_eq(sock_addr_port(&a), 8);
}

Test(sock, knows_interfaces_by_name)
{
	unsigned int lo = if_nametoindex("lo");
	char text[SOCK_ADDR_TEXT];

	if (lo == 0)
		cr_skip_test("there is no interface lo");
	struct sock_addr a = addr("[fe80::1%lo]:53");
	cr_assert_eq(a.in6.sin6_scope_id, lo);
	sock_addr_format(&a, text);
	cr_assert_str_eq(text, "[fe80::1%lo]:53");
}

Test(sock, the_longest_text_fits)
{
	struct sock_addr a =
		addr("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535");
	char text[SOCK_ADDR_TEXT];

	sock_addr_format(&a, text);
	cr_assert_str_eq(text,
		"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535");
	/* An interface's name may have 15 bytes. */
	cr_assert_leq(strlen(text) - strlen("4294967295") + 15, SOCK_ADDR_TEXT - 1);
}

Test(sock, equal_means_family_address_port_and_scope)
{
	static const char *const all[] = {"127.0.0.1:53", "127.0.0.1:54",
		"127.0.0.2:53", "[::1]:53", "[::1]:54", "[::2]:53",
		"[::ffff:127.0.0.1]:53", "[fe80::1%7]:53", "[fe80::1%8]:53"};

	for (size_t i = 0; i < CMAP_COUNT(all); i++) {
		for (size_t j = 0; j < CMAP_COUNT(all); j++) {
			struct sock_addr a = addr(all[i]), b = addr(all[j]);

			cr_assert_eq(sock_addr_equal(&a, &b), i == j, "%s %s", all[i],
				all[j]);
		}
	}
}

Test(sock, tells_wildcard_and_loopback)
{
	static const struct {
		const char *text;
		bool wildcard, loopback;
	} cases[] = {
		{"0.0.0.0", true, false},
		{"0.0.0.1", false, false},
		{"126.255.255.255", false, false},
		{"127.0.0.0", false, true},
		{"127.255.255.255", false, true},
		{"128.0.0.0", false, false},
		{"::", true, false},
		{"::1", false, true},
		{"::2", false, false},
		{"::ffff:127.0.0.1", false, true},
		{"::ffff:128.0.0.1", false, false},
		{"::127.0.0.1", false, false},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct sock_addr a = addr(cases[i].text);

		cr_assert_eq(sock_addr_is_wildcard(&a), cases[i].wildcard, "%s",
			cases[i].text);
		cr_assert_eq(sock_addr_is_loopback(&a), cases[i].loopback, "%s",
			cases[i].text);
	}
}

/* ---- listening on TCP ---------------------------------------------------------------------- */

static void assert_flags(int fd)
{
	cr_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
	cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

/* Where fd listens. */
static struct sock_addr own_addr(int fd)
{
	struct sock_addr a = {.len = sizeof(a.in6)};

	cr_assert_eq(getsockname(fd, &a.any, &a.len), 0);
	return a;
}

static bool can_connect_to(const struct sock_addr *a)
{
	int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes = connect(fd, &a->any, a->len) == 0;

	close(fd);
	return yes;
}

Test(sock, listens_on_tcp)
{
	struct sock_addr any_port = addr("127.0.0.1:0");
	int fd, second = -5;

	cr_assert_eq(sock_listen_tcp(&any_port, 5, &fd), CMAP_OK);
	assert_flags(fd);
	struct sock_addr a = own_addr(fd);
	cr_assert_neq(sock_addr_port(&a), 0);
	cr_assert(can_connect_to(&a));

	cr_assert_eq(sock_listen_tcp(&a, 5, &second), CMAP_E_SYSTEM);
	cr_assert_eq(errno, EADDRINUSE);
	cr_assert_eq(second, -5);
	close(fd);
}

Test(sock, listens_again_right_after_a_connection_was_closed)
{
	struct sock_addr any_port = addr("127.0.0.1:0");
	int fd, again;

	cr_assert_eq(sock_listen_tcp(&any_port, 5, &fd), CMAP_OK);
	struct sock_addr a = own_addr(fd);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(connect(client, &a.any, a.len), 0);
	int served = accept(fd, NULL, NULL);
	close(served); /* the server's side closes first and keeps TIME_WAIT */
	close(client);
	close(fd);
	cr_assert_eq(sock_listen_tcp(&a, 5, &again), CMAP_OK);
	close(again);
}

Test(sock, ipv6_leaves_ipv4_alone)
{
	struct sock_addr six = addr("[::1]:0");
	socklen_t len = sizeof(int);
	int fd, only = 0;

	if (sock_listen_tcp(&six, 5, &fd) != CMAP_OK)
		cr_skip_test("no IPv6 on this machine");
	cr_assert_eq(getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &len), 0);
	cr_assert_eq(only, 1);
	close(fd);
}

Test(sock, an_address_not_ours_is_an_error)
{
	struct sock_addr a = addr("192.0.2.1:0");
	int fd = -5;

	cr_assert_eq(sock_listen_tcp(&a, 5, &fd), CMAP_E_SYSTEM);
	cr_assert_eq(errno, EADDRNOTAVAIL);
	cr_assert_eq(fd, -5);
}

/* ---- listening on a Unix socket ------------------------------------------------------------ */

static char dir[64];

static const char *dir_path(const char *name)
{
	static char path[128];

	if (!dir[0]) {
		strcpy(dir, "/tmp/cmap-sock-XXXXXX");
		cr_assert_not_null(mkdtemp(dir));
	}
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void dir_remove(const char *path)
{
	unlink(path);
	cr_assert_eq(rmdir(dir), 0);
	dir[0] = '\0';
}

static int unix_connect(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(sun.sun_path, path);
	if (connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool can_connect_to_path(const char *path)
{
	int fd = unix_connect(path);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* A socket of any type bound to path, not listening. */
static int unix_bound(const char *path, int type)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	strcpy(sun.sun_path, path);
	cr_assert_eq(bind(fd, (const struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

Test(sock, unix_listens_with_the_mode_asked_for)
{
	static const unsigned int modes[] = {0660, 0600, 0777};
	static const mode_t masks[] = {0, 022, 0777};
	const char *path = dir_path("s");

	for (size_t i = 0; i < CMAP_COUNT(modes); i++) {
		mode_t old = umask(masks[i]);
		struct stat st;
		int fd;

		cr_assert_eq(sock_listen_unix(path, modes[i], &fd), CMAP_OK);
		umask(old);
		assert_flags(fd);
		cr_assert_eq(stat(path, &st), 0);
		cr_assert_eq(st.st_mode & 07777, modes[i]);
		cr_assert(can_connect_to_path(path));
		close(fd);
	}
	dir_remove(path);
}

Test(sock, unix_replaces_a_socket_left_behind)
{
	const char *path = dir_path("s");
	int fd;

	close(unix_bound(path, SOCK_STREAM));
	cr_assert_not(can_connect_to_path(path));
	cr_assert_eq(sock_listen_unix(path, 0660, &fd), CMAP_OK);
	cr_assert(can_connect_to_path(path));
	close(fd);
	dir_remove(path);
}

Test(sock, unix_leaves_a_living_listener_alone)
{
	const char *path = dir_path("s");
	int fd, second = -5;

	cr_assert_eq(sock_listen_unix(path, 0660, &fd), CMAP_OK);
	cr_assert_eq(sock_listen_unix(path, 0600, &second), CMAP_E_EXISTS);
	cr_assert_eq(second, -5);
	cr_assert(can_connect_to_path(path));
	close(fd);
	dir_remove(path);
}

Test(sock, unix_leaves_a_listener_with_a_full_backlog_alone)
{
	const char *path = dir_path("s");
	int listener = unix_bound(path, SOCK_STREAM);
	int client[16], n = 0, fd = -5;

	cr_assert_eq(listen(listener, 0), 0);
	while (n < 16 && (client[n] = unix_connect(path)) >= 0)
		n++;
	cr_assert_lt(n, 16, "the backlog did not fill");
	cr_assert_eq(sock_listen_unix(path, 0660, &fd), CMAP_E_EXISTS);
	while (n-- > 0)
		close(client[n]);
	close(listener);
	dir_remove(path);
}

Test(sock, unix_leaves_a_datagram_socket_in_use_alone)
{
	const char *path = dir_path("s");
	int other = unix_bound(path, SOCK_DGRAM);
	int fd = -5;

	cr_assert_eq(sock_listen_unix(path, 0660, &fd), CMAP_E_EXISTS);
	cr_assert_eq(access(path, F_OK), 0);
	close(other);
	dir_remove(path);
}

Test(sock, unix_leaves_what_is_no_socket_alone)
{
	const char *path = dir_path("s");
	int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	struct stat st;
	int fd = -5;

	cr_assert_eq(write(file, "data", 4), 4);
	close(file);
	cr_assert_eq(sock_listen_unix(path, 0660, &fd), CMAP_E_EXISTS);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert(S_ISREG(st.st_mode) && st.st_size == 4 &&
		  (st.st_mode & 07777) == 0600);
	unlink(path);

	cr_assert_eq(mkdir(path, 0700), 0);
	cr_assert_eq(sock_listen_unix(path, 0660, &fd), CMAP_E_EXISTS);
	cr_assert_eq(rmdir(path), 0);

	cr_assert_eq(symlink("nowhere", path), 0);
	cr_assert_eq(sock_listen_unix(path, 0660, &fd), CMAP_E_EXISTS);
	cr_assert_eq(lstat(path, &st), 0);
	cr_assert_eq(fd, -5);
	dir_remove(path);
}

Test(sock, unix_paths_end_at_107_bytes)
{
	char path[110];
	int fd = -5;

	strcpy(path, dir_path(""));
	size_t len = strlen(path);
	memset(path + len, 'p', sizeof(path) - len);

	path[108] = '\0';
	cr_assert_eq(sock_listen_unix(path, 0660, &fd), CMAP_E_RANGE);
	cr_assert_eq(sock_listen_unix("", 0660, &fd), CMAP_E_RANGE);
	cr_assert_eq(fd, -5);
	path[107] = '\0';
	cr_assert_eq(sock_listen_unix(path, 0660, &fd), CMAP_OK);
	cr_assert(can_connect_to_path(path));
	close(fd);
	dir_remove(path);
}

Test(sock, unix_in_no_directory_is_an_error)
{
	const char *path = dir_path("missing/s");
	int fd = -5;

	cr_assert_eq(sock_listen_unix(path, 0660, &fd), CMAP_E_SYSTEM);
	cr_assert_eq(errno, ENOENT);
	cr_assert_eq(fd, -5);
	dir_remove(path);
}
