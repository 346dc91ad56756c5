/* SPDX-License-Identifier: MIT */
/*
 * Any octets as a zone file: refused with a line that tells where, or published; and what is exported then can be
 * read, published and exported again, and is the same.
 *
 * Fuzz with -detect_leaks=0: what was published is freed later, by another thread, which libFuzzer takes for a leak
 * to be looked for after each run. It is looked for at the end all the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "zone/export.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* ldns 1.8.3 forgets a few octets of an IPSECKEY that it refuses. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libldns";
}

enum { SIZE_MAX_ = 65536 };

static struct zone *zone;
static struct dname apex;
static char space[] = "t";
static struct namespace ns = {
	.type = NAMESPACE_DNS_PRIVATE, .name = space, .soa_ttl = -1};

static void expect(bool ok)
{
	if (!ok)
		abort();
}

static void set_up(void)
{
	struct zone_options options = {.negative_ttl = 5, .answers = 8};

	log_set_level(LOG_LEVEL_ERROR);
	expect(dname_from_plain("ns.x", &options.nameserver) == CMAP_OK);
	expect(dname_from_plain("t", &apex) == CMAP_OK);
	zone = zone_new(&options);
	zone_namespace_put(zone, &ns);
	zone_publish(zone, 1);
}

struct lines {
	char **line;
	size_t n;
};

static void take(void *arg, const char *name, const char *type, uint32_t ttl,
	const char *text)
{
	struct lines *l = arg;

	l->line = xreallocarray(l->line, l->n + 1, sizeof(*l->line));
	l->line[l->n++] = xasprintf("%s %u %s %s", name, (unsigned int)ttl, type, text);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Publishes s, and lists all records in the order of their text. */
static struct lines publish(struct static_zone *s)
{
	struct lines l = {.line = NULL};
	struct export_reader reader = {.take = take, .arg = &l};
	struct buf cursor = {.data = NULL}, next = {.data = NULL};

	zone_set_static(zone, &ns, s);
	zone_publish(zone, 1);
	do {
		buf_free(&cursor);
		cursor = next;
		next = (struct buf){.data = NULL};
		expect(zone_export(zone, &ns, buf_text(&cursor), &reader, &next) ==
			CMAP_OK);
	} while (next.len > 0);
	buf_free(&cursor);
	zone_set_static(zone, &ns, NULL);
	zone_publish(zone, 1);
	qsort(l.line, l.n, sizeof(*l.line), compare);
	return l;
}

static void free_lines(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->line[i]);
	free(l->line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct static_zone *s = NULL;
	struct buf why = {.data = NULL}, text = {.data = NULL};
	struct lines first, second;

	if (zone == NULL)
		set_up();
	if (size > SIZE_MAX_)
		return 0;
	if (static_read_text("f", (const char *)data, size, &apex, &s, &why) !=
		CMAP_OK) {
		expect(s == NULL && strncmp(buf_text(&why), "f:", 2) == 0 &&
			atoi(why.data + 2) > 0 && strchr(why.data + 2, ':') != NULL);
		buf_free(&why);
		return 0;
	}
	expect(why.len == 0);
	first = publish(s);
	for (size_t i = 0; i < first.n; i++)
		buf_printf(&text, "%s\n", first.line[i]);
	expect(static_read_text("f", text.data, text.len, &apex, &s, &why) == CMAP_OK);
	second = publish(s);
	expect(first.n == second.n);
	for (size_t i = 0; i < first.n; i++)
		expect(strcmp(first.line[i], second.line[i]) == 0);
	free_lines(&first);
	free_lines(&second);
	buf_free(&text);
	return 0;
}
