/* SPDX-License-Identifier: MIT */
#include "api/access_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"

#define BLANKS  " \t"
#define ID_TEXT "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."

static size_t size_of(size_t n)
{
	return sizeof(struct access_keys) + n * sizeof(struct access_key);
}

static void wipe(struct access_keys *keys, size_t n)
{
	explicit_bzero(keys, size_of(n));
	free(keys);
}

void access_keys_free(struct access_keys *keys)
{
	if (keys)
		wipe(keys, keys->n);
}

const char *access_keys_find(const struct access_keys *keys, const char *id, size_t len)
{
	const char *found = NULL;

	for (size_t i = 0; i < keys->n; i++) {
		const struct access_key *k = &keys->key[i];

		if (strlen(k->id) == len && memcmp(k->id, id, len) == 0)
			found = k->secret;
	}
	return found;
}

/* ---- text --------------------------------------------------------------------------------------- */

static size_t printable(const char *p, size_t room)
{
	size_t n = 0;

	while (n < room && p[n] > ' ' && p[n] < 0x7F)
		n++;
	return n;
}

static size_t run_of(const char *set, const char *p, size_t room)
{
	size_t n = 0;

	while (n < room && p[n] != '\0' && strchr(set, p[n]))
		n++;
	return n;
}

/* One line without its end. NULL if it is read to *out, which stays empty for a comment; else what is wrong. */
static const char *parse_line(const char *p, size_t room, struct access_key *out)
{
	size_t blanks = run_of(BLANKS, p, room);
	size_t id_len, secret_len;

	p += blanks;
	room -= blanks;
	if (room == 0 || *p == '#')
		return NULL;
	id_len = run_of(ID_TEXT, p, room);
	blanks = run_of(BLANKS, p + id_len, room - id_len);
	if (id_len == 0 || id_len > ACCESS_KEY_ID_MAX || blanks == 0)
		return "not an access key id (up to 128 letters, digits, '_', '-', "
		       "'.'), "
		       "a blank and a secret";
	memcpy(out->id, p, id_len);
	p += id_len + blanks;
	room -= id_len + blanks;
	secret_len = printable(p, room);
	if (secret_len + run_of(BLANKS, p + secret_len, room - secret_len) != room)
		return "more than an access key id and a secret of printable ASCII";
	if (secret_len < ACCESS_KEY_SECRET_MIN || secret_len > ACCESS_KEY_SECRET_MAX)
		return "the secret must have 16 to 128 characters";
	memcpy(out->secret, p, secret_len);
	return NULL;
}

/* Adds the line to keys, which has room. NULL, or what is wrong. */
static const char *add_line(struct access_keys *keys, const char *line, size_t len)
{
	struct access_key *key = &keys->key[keys->n];
	const char *wrong = parse_line(line, len, key);

	if (wrong || key->id[0] == '\0')
		return wrong;
	if (access_keys_find(keys, key->id, strlen(key->id)))
		return "the access key id is there already";
	keys->n++;
	return NULL;
}

int access_keys_parse(const char *name, const char *text, size_t len,
	struct access_keys **out, struct buf *why)
{
	struct access_keys *keys = xcalloc(1, size_of(ACCESS_KEYS_MAX + 1));
	const char *wrong = NULL;
	unsigned int line = 0;
	int err;

	for (size_t at = 0; at < len && !wrong; line++) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t n = end ? (size_t)(end - (text + at)) : len - at;
		size_t cr = n > 0 && text[at + n - 1] == '\r';

		wrong = add_line(keys, text + at, n - cr);
		if (!wrong && keys->n > ACCESS_KEYS_MAX)
			wrong = "more than 1000 access keys";
		at += n + 1;
	}
	if (wrong)
		buf_printf(why, "%s:%u: %s", name, line, wrong);
	else if (keys->n == 0)
		buf_printf(why, "%s: holds no access key", name);
	else
		*out = xmemdup(keys, size_of(keys->n));
	err = wrong || keys->n == 0 ? CMAP_E_INVALID : CMAP_OK;
	wipe(keys, ACCESS_KEYS_MAX + 1);
	return err;
}

/* ---- file --------------------------------------------------------------------------------------- */

/* Says what the file should not be; false if it may be used. */
static bool distrust(const char *name, const struct stat *st, uid_t owner,
	struct buf *why)
{
	if (!S_ISREG(st->st_mode))
		buf_printf(why, "%s is no regular file", name);
	else if (st->st_uid != 0 && st->st_uid != owner &&
		 owner != ACCESS_KEYS_OF_ANYBODY)
		buf_printf(why,
			"%s belongs to user %u; it must belong to user %u, who cmapd "
			"runs as, or to root",
			name, (unsigned int)st->st_uid, (unsigned int)owner);
	else if (st->st_mode & (S_IRWXG | S_IRWXO))
		buf_printf(why, "%s has mode %04o: others can use it; chmod it to 0600",
			name, (unsigned int)(st->st_mode & 07777));
	else if (st->st_size > ACCESS_KEYS_FILE_MAX)
		buf_printf(why, "%s is longer than 512 KiB", name);
	else
		return false;
	return true;
}

/* Not by stdio, whose buffer would keep the secrets. */
static ssize_t read_all(int fd, char *text, size_t room)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, text + len, room - len);
		if (n > 0)
			len += (size_t)n;
	} while ((n > 0 && len < room) || (n < 0 && errno == EINTR));
	return n < 0 ? -1 : (ssize_t)len;
}

static int read_fd(const char *name, int fd, uid_t owner, struct access_keys **out,
	struct buf *why)
{
	struct stat st;
	char *text;
	ssize_t len;
	int err = CMAP_E_SYSTEM;

	if (fstat(fd, &st) != 0) {
		buf_printf(why, "%s: %s", name, strerror(errno));
		return CMAP_E_SYSTEM;
	}
	if (distrust(name, &st, owner, why))
		return CMAP_E_INVALID;
	text = xcalloc(1, (size_t)st.st_size + 1);
	len = read_all(fd, text, (size_t)st.st_size + 1);
	if (len < 0)
		buf_printf(why, "%s: %s", name, strerror(errno));
	else
		err = access_keys_parse(name, text, (size_t)len, out, why);
	explicit_bzero(text, (size_t)st.st_size + 1);
	free(text);
	return err;
}

int access_keys_read(const char *path, uid_t owner, struct access_keys **out,
	struct buf *why)
{
	/* O_NONBLOCK: a FIFO is refused, not waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char *name = xasprintf("access_keys '%s'", path);
	int err = CMAP_E_SYSTEM;

	if (fd < 0) {
		buf_printf(why, "%s: %s", name, strerror(errno));
	} else {
		err = read_fd(name, fd, owner, out, why);
		close(fd);
	}
	free(name);
	return err;
}
