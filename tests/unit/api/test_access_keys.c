/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/access_keys.h"
#include "base/error.h"
#include "base/mem.h"
#include "test.h"

#define SECRET "0123456789abcdef"

/* NULL, with why, if the text is refused. */
static struct access_keys *parse(const char *text, struct buf *why)
{
	struct access_keys *keys = NULL;
	int err = access_keys_parse("keys", text, strlen(text), &keys, why);

	cr_assert_eq(err, keys ? CMAP_OK : CMAP_E_INVALID);
	return keys;
}

static const char *secret_of(const struct access_keys *keys, const char *id)
{
	const char *secret = access_keys_find(keys, id, strlen(id));

	return secret ? secret : "(none)";
}

Test(access_keys, are_read_a_line_each)
{
	struct buf why = {0};
	struct access_keys *keys = parse("# who may\n\nAKIDEXAMPLE " SECRET "\r\n"
					 " \t b_.-2\t  " SECRET "/+#' \t\n  # " SECRET
					 "\nlast " SECRET "=",
		&why);

	cr_assert_not_null(keys, "%s", buf_text(&why));
	cr_expect_eq(keys->n, 3u);
	cr_expect_str_eq(secret_of(keys, "AKIDEXAMPLE"), SECRET);
	cr_expect_str_eq(secret_of(keys, "b_.-2"), SECRET "/+#'");
	cr_expect_str_eq(secret_of(keys, "last"), SECRET "=");
	cr_expect_str_eq(secret_of(keys, "lasT"), "(none)");
	cr_expect_str_eq(secret_of(keys, "las"), "(none)");
	cr_expect_str_eq(secret_of(keys, ""), "(none)");
	cr_expect_str_eq(secret_of(keys, "#"), "(none)");
	access_keys_free(keys);
	access_keys_free(NULL);
}

#define NOT_ID                                                                         \
	"not an access key id (up to 128 letters, digits, '_', '-', '.'), a blank "    \
	"and a secret"
#define LENGTH "the secret must have 16 to 128 characters"
#define MORE   "more than an access key id and a secret of printable ASCII"

Test(access_keys, are_refused_with_their_line_and_without_their_secret)
{
	static const struct {
		const char *text, *why;
	} cases[] = {{"", "keys: holds no access key"},
		{"# a " SECRET "\n", "keys: holds no access key"},
		{"a", "keys:1: " NOT_ID}, {"a\n", "keys:1: " NOT_ID},
		{"\n\na/b " SECRET "\n", "keys:3: " NOT_ID},
		{"a:" SECRET "\n", "keys:1: " NOT_ID},
		{"a " SECRET " " SECRET "\n", "keys:1: " MORE},
		{"a " SECRET "\x01\n", "keys:1: " MORE},
		{"a " SECRET "\xc3\xa9\n", "keys:1: " MORE},
		{"a " SECRET " # mine\n", "keys:1: " MORE},
		{"a 0123456789abcde\n", "keys:1: " LENGTH}, {"a \n", "keys:1: " LENGTH},
		{"a " SECRET "\nb " SECRET "\na " SECRET "x\n",
			"keys:3: the access key id is there already"}};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct buf why = {0};

		cr_expect_null(parse(cases[i].text, &why));
		cr_expect_str_eq(buf_text(&why), cases[i].why, "%s", buf_text(&why));
		cr_expect_null(strstr(buf_text(&why), "0123456789"));
		buf_free(&why);
	}
}

Test(access_keys, have_limits)
{
	char line[400];
	struct buf why = {0}, text = {0};
	struct access_keys *keys;

	for (int over = 0; over < 2; over++) {
		snprintf(line, sizeof(line), "%0*d %0128d\n", 128 + over, 7, 5);
		keys = parse(line, &why);
		cr_expect_eq(keys != NULL, over == 0);
		access_keys_free(keys);
		snprintf(line, sizeof(line), "a %0*d\n", 128 + over, 5);
		keys = parse(line, &why);
		cr_expect_eq(keys != NULL, over == 0);
		access_keys_free(keys);
		buf_free(&why);
	}
	for (int i = 0; i <= 1000; i++) {
		if (i >= 999) {
			keys = parse(buf_text(&text), &why);
			cr_expect_not_null(keys);
			cr_expect_str_eq(secret_of(keys, "id-998"), SECRET);
			access_keys_free(keys);
		}
		buf_printf(&text, "id-%d " SECRET "\n", i);
	}
	cr_expect_null(parse(buf_text(&text), &why));
	cr_expect_str_eq(buf_text(&why), "keys:1001: more than 1000 access keys");
	buf_free(&text);
	buf_free(&why);
}

/* Any text with NULs and cut lines in it. */
Test(access_keys, are_no_text_with_a_NUL)
{
	static const char text[] = "a\0b 0123456789abcdef\n";
	struct access_keys *keys = NULL;
	struct buf why = {0};

	cr_expect_eq(access_keys_parse("keys", text, sizeof(text) - 1, &keys, &why),
		CMAP_E_INVALID);
	cr_expect_str_eq(buf_text(&why), "keys:1: " NOT_ID);
	buf_free(&why);
}

/* ---- the file ---- */

/* What is said of path, without the path. */
static void expect_file(const char *path, const char *said)
{
	struct access_keys *keys = NULL;
	struct buf why = {0};
	char *full = xasprintf("access_keys '%s'%s", path, said);
	int err = access_keys_read(path, geteuid(), &keys, &why);

	cr_expect_eq(err == CMAP_OK, said[0] == '\0');
	cr_expect_str_eq(buf_text(&why), said[0] == '\0' ? "" : full, "%s",
		buf_text(&why));
	free(full);
	buf_free(&why);
	access_keys_free(keys);
}

Test(access_keys, are_in_a_file_that_is_nobody_elses)
{
	static const struct {
		mode_t mode;
		bool taken;
	} modes[] = {{0600, true}, {0400, true}, {0700, true}, {0640, false},
		{0604, false}, {0620, false}, {0601, false}, {0644, false}};
	char dir[] = "/tmp/cmap-keys-XXXXXX";
	char *path, *link_path, said[100];
	FILE *f;

	cr_assert_not_null(mkdtemp(dir));
	path = xasprintf("%s/keys", dir);
	link_path = xasprintf("%s/link", dir);
	expect_file(path, ": No such file or directory");
	f = fopen(path, "we");
	cr_assert_not_null(f);
	fputs("a " SECRET "\n", f);
	fclose(f);
	for (size_t i = 0; i < CMAP_COUNT(modes); i++) {
		cr_assert_eq(chmod(path, modes[i].mode), 0);
		snprintf(said, sizeof(said),
			" has mode %04o: others can use it; chmod it to 0600",
			modes[i].mode);
		expect_file(path, modes[i].taken ? "" : said);
	}
	/* Where secrets are mounted they are often links to files. */
	cr_assert_eq(chmod(path, 0600), 0);
	cr_assert_eq(symlink("keys", link_path), 0);
	expect_file(link_path, "");
	expect_file(dir, " is no regular file");
	unlink(link_path);
	cr_assert_eq(mkfifo(link_path, 0600), 0);
	expect_file(link_path, " is no regular file");
	unlink(link_path);
	cr_assert_eq(truncate(path, ACCESS_KEYS_FILE_MAX + 1), 0);
	expect_file(path, " is longer than 512 KiB");
	cr_assert_eq(truncate(path, 0), 0);
	expect_file(path, ": holds no access key");
	if (geteuid() == 0) { /* only root can give it away */
		cr_assert_eq(chown(path, 65534, 65534), 0);
		expect_file(path, " belongs to user 65534; it must belong to user 0, "
				  "who cmapd runs as, or to root");
	}
	unlink(path);
	rmdir(dir);
	free(path);
	free(link_path);
}
