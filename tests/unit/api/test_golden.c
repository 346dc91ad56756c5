/* SPDX-License-Identifier: MIT */
/*
 * The exact octets of every answer, as golden/OPERATION has them, to a fresh server with a clock that stands still
 * and ids that count up.
 *
 *	# words                   for who reads it
 *	> TARGET BODY             a POST; a target without a dot is one of Cloud Map's
 *	< LINE                    of the answer: head, an empty line, body
 *	@ pass MS                 time passes
 *	@ store refuses | works
 *	@ instances N             max_instances
 *
 * Date is the one header that tells the real time; it stands there as *. `CMAP_GOLDEN=write test_golden` writes the
 * answers that are given into the files.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "fixture.h"
#include "test.h"

#define ANSWER_MAX 65536

/* ---- ids that count up ---- */

static bool counting;
static unsigned char ids, uuids;

/*
 * In the place of libc's: what is drawn for ids (10 octets) and for request ids (16) is 0 but for a number at the
 * end.
 */
int getentropy(void *out, size_t len)
{
	unsigned char *octets = out;

	if (!counting || (len != 10 && len != 16))
		return syscall(SYS_getrandom, out, len, 0) == (long)len ? 0 : -1;
	memset(octets, 0, len);
	octets[len - 1] = len == 10 ? ++ids : ++uuids;
	return 0;
}

/* ---- files ---- */

static char *path_of(const char *name)
{
	const char *srcdir = getenv("srcdir");

	return xasprintf("%s/tests/unit/api/golden/%s", srcdir ? srcdir : "..", name);
}

static char *read_file(const char *path)
{
	struct buf text = {0};
	char chunk[4096];
	size_t n;
	FILE *in = fopen(path, "r");

	if (!in)
		return NULL;
	while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		buf_add(&text, chunk, n);
	fclose(in);
	return buf_take(&text);
}

static void write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	cr_assert_not_null(out, "%s: %s", path, strerror(errno));
	fputs(text, out);
	cr_assert_eq(fclose(out), 0);
}

/* ---- one exchange ---- */

/* Octets of the answer that begins at text: 0 if it is not whole yet. */
static size_t whole(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n");
	const char *len = strstr(text, "Content-Length: ");

	if (!end || !len || len > end)
		return 0;
	return (size_t)(end + 4 - text) + strtoul(len + 16, NULL, 10);
}

static void receive(struct fixture *f, int fd, char *out)
{
	size_t n = 0, want;

	out[0] = '\0';
	for (int i = 0; i < 2000; i++) {
		ssize_t got;

		fixture_pump(f);
		got = recv(fd, out + n, ANSWER_MAX - 1 - n, MSG_DONTWAIT);
		if (got > 0) {
			n += (size_t)got;
			out[n] = '\0';
		} else {
			poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 1);
		}
		want = whole(out);
		if (want > 0 && n >= want) {
			cr_assert_eq(n, want, "more than an answer: %s", out);
			return;
		}
	}
	cr_assert_fail("no answer, but: %s", out);
}

/* The answer as lines of a file. */
static void add_lines(struct buf *out, const char *answer)
{
	while (*answer) {
		const char *end = strchr(answer, '\n');
		size_t len = end ? (size_t)(end - answer) : strlen(answer);
		size_t shown = len > 0 && end && end[-1] == '\r' ? len - 1 : len;

		if (strncmp(answer, "Date: ", 6) == 0)
			buf_add_text(out, "< Date: *\n");
		else
			buf_printf(out, "<%s%.*s\n", shown > 0 ? " " : "", (int)shown,
				answer);
		answer += end ? len + 1 : len;
	}
}

/* line: "TARGET BODY" */
static void exchange(struct fixture *f, int fd, const char *line, struct buf *out)
{
	char *target = xstrndup(line, strcspn(line, " "));
	const char *body = strchr(line, ' ');
	char *answer = xmalloc(ANSWER_MAX);

	fixture_post(f, fd, target, body ? body + 1 : "");
	receive(f, fd, answer);
	add_lines(out, answer);
	free(answer);
	free(target);
}

static void direct(struct fixture *f, const char *line)
{
	struct registry_options *o =
		(struct registry_options *)(uintptr_t)registry_options(f->registry);

	if (strncmp(line, "pass ", 5) == 0)
		fixture_pass(f, strtol(line + 5, NULL, 10));
	else if (strcmp(line, "store refuses") == 0)
		store_mem_set_fault(f->store, STORE_MEM_REFUSES);
	else if (strcmp(line, "store works") == 0)
		store_mem_set_fault(f->store, STORE_MEM_WORKS);
	else if (strncmp(line, "instances ", 10) == 0)
		o->max_instances = (uint32_t)strtoul(line + 10, NULL, 10);
	else
		cr_assert_fail("@ %s", line);
}

/* The file again, with the answers that a fresh server gives to its requests. */
static char *replay(const char *text)
{
	struct buf out = {0};
	struct fixture f;
	int fd;

	fixture_init(&f);
	fixture_serve(&f, 4, 3600000);
	fd = fixture_connect(&f);
	ids = uuids = 0;
	counting = true;
	while (*text) {
		size_t len = strcspn(text, "\n");
		char *line = xstrndup(text, len);

		if (line[0] != '<')
			buf_printf(&out, "%s\n", line);
		if (strncmp(line, "> ", 2) == 0)
			exchange(&f, fd, line + 2, &out);
		else if (strncmp(line, "@ ", 2) == 0)
			direct(&f, line + 2);
		free(line);
		text += text[len] ? len + 1 : len;
	}
	counting = false;
	close(fd);
	fixture_pump(&f);
	fixture_free(&f);
	return buf_take(&out);
}

/* Where two texts part: the line of the first, and the request before it. */
static void tell_difference(const char *name, const char *wanted, const char *got)
{
	const char *request = wanted, *w = wanted, *g = got;

	while (*w && strcspn(w, "\n") == strcspn(g, "\n") &&
		strncmp(w, g, strcspn(w, "\n")) == 0 && w[strcspn(w, "\n")]) {
		if (*w == '>')
			request = w;
		w += strcspn(w, "\n") + 1;
		g += strcspn(g, "\n") + 1;
	}
	cr_expect_fail("%s: after %.*s\n  gave %.*s\n   not %.*s", name,
		(int)strcspn(request, "\n"), request, (int)strcspn(g, "\n"), g,
		(int)strcspn(w, "\n"), w);
}

static void check(const char *name)
{
	const char *mode = getenv("CMAP_GOLDEN");
	char *path = path_of(name), *wanted = read_file(path), *got;

	cr_expect_not_null(wanted, "%s: %s", path, strerror(errno));
	if (wanted) {
		got = replay(wanted);
		if (mode && strcmp(mode, "write") == 0)
			write_file(path, got);
		else if (strcmp(wanted, got) != 0)
			tell_difference(name, wanted, got);
		free(got);
	}
	free(wanted);
	free(path);
}

Test(golden, each_operation_answers_as_its_file_says)
{
	size_t n;
	const struct api_operation *table = operation_table(&n);

	(void)hash_bytes("", 0); /* its seed is drawn now, not from the ids */
	for (size_t i = 0; i < n; i++) {
		bool own = strcmp(table[i].service, "Cmap_v1") == 0;
		char *name = xasprintf("%s%s", own ? "Cmap." : "", table[i].name);

		/* Status tells of the process; test_operations.c has it. */
		if (strcmp(name, "Cmap.Status") != 0)
			check(name);
		free(name);
	}
	check("errors");
}
