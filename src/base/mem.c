/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"

enum { CACHE_LINE = 64 };

/* _exit: the handlers of exit() may want memory, and other threads are still running.
 */
static CMAP_NORETURN void out_of_memory(size_t n, size_t size)
{
	log_error("out of memory: %zu x %zu bytes asked for", n, size);
	_exit(EX_OSERR);
}

void mem_exhausted(size_t size)
{
	out_of_memory(1, size);
}

void *xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		out_of_memory(1, size);
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		out_of_memory(n, size);
	void *p = n && size ? calloc(n, size) : calloc(1, 1);
	if (!p)
		out_of_memory(n, size);
	return p;
}

void *xcalloc_line(size_t size)
{
	void *p;

	size = (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	p = aligned_alloc(CACHE_LINE, size);
	if (!p)
		out_of_memory(1, size);
	return memset(p, 0, size);
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		out_of_memory(n, size);
	/* Never 0 bytes: realloc() would free p and return NULL. */
	void *q = realloc(p, n && size ? n * size : 1);
	if (!q)
		out_of_memory(n, size);
	return q;
}

void *xmemdup(const void *p, size_t size)
{
	void *q = xmalloc(size);

	if (size)
		memcpy(q, p, size);
	return q;
}

char *xstrdup(const char *s)
{
	return xmemdup(s, strlen(s) + 1);
}

char *xstrndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *q = xmalloc(len + 1);

	memcpy(q, s, len);
	q[len] = '\0';
	return q;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		out_of_memory(1, SIZE_MAX);

	char *text = xmalloc((size_t)len + 1);
	va_start(ap, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return text;
}
