/* SPDX-License-Identifier: MIT */
#include "forward/resolvconf.h"

#include <ares.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "test.h"

/* What a file with that text names: "192.0.2.1:53 [::1]:53". It lives until the next call. */
static const char *read_text(const char *text, size_t max)
{
	static char out[1000];
	char path[] = "/tmp/cmap-resolvconf-XXXXXX";
	int fd = mkstemp(path);
	struct sock_addr found[20];
	size_t n = 99, at = 0;

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	cr_assert_eq(ares_library_init(ARES_LIB_INIT_ALL), ARES_SUCCESS);
	cr_assert_eq(resolvconf_read(path, found, max, &n), CMAP_OK);
	ares_library_cleanup();
	unlink(path);
	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		char address[SOCK_ADDR_TEXT];

		sock_addr_format(&found[i], address);
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%s%s",
			i > 0 ? " " : "", address);
	}
	return out;
}

Test(resolvconf, servers_come_in_their_order)
{
	cr_assert_str_eq(read_text("nameserver 192.0.2.1\nnameserver 192.0.2.2\n", 16),
		"192.0.2.1:53 192.0.2.2:53");
	cr_assert_str_eq(read_text("nameserver 192.0.2.2\nnameserver 2001:db8::1\n"
				   "nameserver 192.0.2.1",
				 16),
		"192.0.2.2:53 [2001:db8::1]:53 192.0.2.1:53");
	cr_assert_str_eq(read_text("nameserver 192.0.2.1\nnameserver 192.0.2.2\n"
				   "nameserver 192.0.2.3\nnameserver 192.0.2.4\n",
				 3),
		"192.0.2.1:53 192.0.2.2:53 192.0.2.3:53");
}

Test(resolvconf, other_lines_are_passed_over)
{
	cr_assert_str_eq(read_text("# nameserver 192.0.2.9\n; nameserver 192.0.2.9\n"
				   "search example.com\noptions ndots:5 rotate\n"
				   "  \nnonsense\nnameserver\nnameserver nowhere\n"
				   "nameserver\t192.0.2.1  # ours\nsortlist 10.0.0.0\n",
				 16),
		"192.0.2.1:53");
}

Test(resolvconf, none_stands_for_this_host)
{
	struct sock_addr found;
	size_t n = 0;

	cr_assert_str_eq(read_text("", 16), "127.0.0.1:53");
	cr_assert_str_eq(read_text("search example.com\n", 16), "127.0.0.1:53");
	cr_assert_eq(ares_library_init(ARES_LIB_INIT_ALL), ARES_SUCCESS);
	cr_assert_eq(resolvconf_read("/nonexistent/resolv.conf", &found, 1, &n),
		CMAP_OK);
	ares_library_cleanup();
	cr_assert_eq(n, 1);
	cr_assert(sock_addr_is_loopback(&found));
}
