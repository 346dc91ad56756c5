/* SPDX-License-Identifier: MIT */
#include "base/sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"

/* Digits only, no needless zero before them, at most max. */
static int number_parse(const char *text, uint32_t max, uint32_t *out)
{
	uint64_t n = 0;

	if (!*text || (text[0] == '0' && text[1]))
		return CMAP_E_INVALID;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return CMAP_E_INVALID;
		n = n * 10 + (uint64_t)(*text - '0');
		if (n > max)
			return CMAP_E_INVALID;
	}
	*out = (uint32_t)n;
	return CMAP_OK;
}

static int in_parse(const char *host, uint16_t port, struct sock_addr *out)
{
	struct sock_addr a = {.len = sizeof(a.in)};

	a.in.sin_family = AF_INET;
	a.in.sin_port = htons(port);
	if (inet_pton(AF_INET, host, &a.in.sin_addr) != 1)
		return CMAP_E_INVALID;
	*out = a;
	return CMAP_OK;
}

/* host may end in "%scope", the name or number of an interface; it is cut there. */
static int in6_parse(char *host, uint16_t port, struct sock_addr *out)
{
	struct sock_addr a = {.len = sizeof(a.in6)};
	char *scope = strchr(host, '%');

	a.in6.sin6_family = AF_INET6;
	a.in6.sin6_port = htons(port);
	if (scope) {
		*scope++ = '\0';
		a.in6.sin6_scope_id = if_nametoindex(scope);
		if (a.in6.sin6_scope_id == 0 &&
			number_parse(scope, UINT32_MAX, &a.in6.sin6_scope_id) !=
				CMAP_OK)
			return CMAP_E_INVALID;
	}
	if (inet_pton(AF_INET6, host, &a.in6.sin6_addr) != 1)
		return CMAP_E_INVALID;
	*out = a;
	return CMAP_OK;
}

int sock_addr_parse(const char *text, uint16_t default_port, struct sock_addr *out)
{
	char copy[SOCK_ADDR_TEXT];
	char *host = copy;
	const char *port_text = NULL;
	uint32_t port = default_port;
	bool six;

	if (strlen(text) >= sizeof(copy))
		return CMAP_E_INVALID;
	strcpy(copy, text);

	if (*host == '[') {
		char *end = strchr(++host, ']');

		if (!end || (end[1] != '\0' && end[1] != ':'))
			return CMAP_E_INVALID;
		port_text = end[1] ? end + 2 : NULL;
		*end = '\0';
		six = true;
	} else {
		char *colon = strchr(host, ':');

		six = colon && strchr(colon + 1, ':');
		if (colon && !six) {
			*colon = '\0';
			port_text = colon + 1;
		}
	}
	if (port_text && number_parse(port_text, UINT16_MAX, &port) != CMAP_OK)
		return CMAP_E_INVALID;
	if (!port_text && default_port == 0)
		return CMAP_E_INVALID;
	return six ? in6_parse(host, (uint16_t)port, out)
		   : in_parse(host, (uint16_t)port, out);
}

void sock_addr_format(const struct sock_addr *a, char out[SOCK_ADDR_TEXT])
{
	char host[INET6_ADDRSTRLEN] = "?";
	char name[IF_NAMESIZE];
	char scope[IF_NAMESIZE + 1] = "";

	if (a->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &a->in.sin_addr, host, sizeof(host));
		snprintf(out, SOCK_ADDR_TEXT, "%s:%u", host, sock_addr_port(a));
		return;
	}
	inet_ntop(AF_INET6, &a->in6.sin6_addr, host, sizeof(host));
	if (a->in6.sin6_scope_id && if_indextoname(a->in6.sin6_scope_id, name))
		snprintf(scope, sizeof(scope), "%%%s", name);
	else if (a->in6.sin6_scope_id)
		snprintf(scope, sizeof(scope), "%%%u", a->in6.sin6_scope_id);
	snprintf(out, SOCK_ADDR_TEXT, "[%.39s%s]:%u", host, scope, sock_addr_port(a));
}

uint16_t sock_addr_port(const struct sock_addr *a)
{
	return ntohs(a->any.sa_family == AF_INET ? a->in.sin_port : a->in6.sin6_port);
}

bool sock_addr_equal(const struct sock_addr *a, const struct sock_addr *b)
{
	if (a->any.sa_family != b->any.sa_family ||
		sock_addr_port(a) != sock_addr_port(b))
		return false;
	if (a->any.sa_family == AF_INET)
		return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
	return IN6_ARE_ADDR_EQUAL(&a->in6.sin6_addr, &b->in6.sin6_addr) &&
	       a->in6.sin6_scope_id == b->in6.sin6_scope_id;
}

bool sock_addr_is_wildcard(const struct sock_addr *a)
{
	if (a->any.sa_family == AF_INET)
		return a->in.sin_addr.s_addr == htonl(INADDR_ANY);
	return IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr);
}

bool sock_addr_is_loopback(const struct sock_addr *a)
{
	if (a->any.sa_family == AF_INET)
		return ntohl(a->in.sin_addr.s_addr) >> 24 == 127;
	if (IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return a->in6.sin6_addr.s6_addr[12] == 127;
	return IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr);
}

/* close() that leaves errno to tell of the failure before it. */
static void close_quietly(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
}

int sock_listen_tcp(const struct sock_addr *a, int backlog, int *out)
{
	const int on = 1;
	int fd =
		socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return CMAP_E_SYSTEM;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		goto err_close;
	if (a->any.sa_family == AF_INET6 &&
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)
		goto err_close;
	if (bind(fd, &a->any, a->len) != 0 || listen(fd, backlog) != 0)
		goto err_close;
	*out = fd;
	return CMAP_OK;

err_close:
	close_quietly(fd);
	return CMAP_E_SYSTEM;
}

/*
 * CMAP_OK when sun's path is a socket that a process which is gone left behind. Asked
 * by connecting; a full backlog (EAGAIN) and another socket type (EPROTOTYPE) mean that
 * somebody lives.
 */
static int unix_is_stale(const struct sockaddr_un *sun)
{
	struct stat st;
	int err = CMAP_E_SYSTEM;

	if (lstat(sun->sun_path, &st) != 0)
		return CMAP_E_SYSTEM;
	if (!S_ISSOCK(st.st_mode))
		return CMAP_E_EXISTS;

	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return CMAP_E_SYSTEM;
	if (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0 ||
		errno == EAGAIN || errno == EPROTOTYPE)
		err = CMAP_E_EXISTS;
	else if (errno == ECONNREFUSED)
		err = CMAP_OK;
	close_quietly(fd);
	return err;
}

/* bind(), putting a stale socket out of the way. */
static int unix_bind(int fd, const struct sockaddr_un *sun)
{
	if (bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0)
		return CMAP_OK;
	if (errno != EADDRINUSE)
		return CMAP_E_SYSTEM;

	int err = unix_is_stale(sun);
	if (err != CMAP_OK)
		return err;
	if (unlink(sun->sun_path) != 0)
		return CMAP_E_SYSTEM;
	return bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0
		       ? CMAP_OK
		       : CMAP_E_SYSTEM;
}

int sock_listen_unix(const char *path, unsigned int mode, int *out)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int err;

	/* An empty path would bind to a name of the kernel's choice. */
	if (!*path || strlen(path) >= sizeof(sun.sun_path))
		return CMAP_E_RANGE;
	strcpy(sun.sun_path, path);

	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return CMAP_E_SYSTEM;
	err = unix_bind(fd, &sun);
	if (err != CMAP_OK)
		goto err_close;
	/* Nobody can connect before listen(), so nobody meets the permissions umask
	 * left. */
	err = CMAP_E_SYSTEM;
	if (chmod(path, mode) != 0 || listen(fd, SOMAXCONN) != 0)
		goto err_unlink;
	*out = fd;
	return CMAP_OK;

err_unlink:
	unlink(path);
err_close:
	close_quietly(fd);
	return err;
}
