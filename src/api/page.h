/* SPDX-License-Identifier: MIT */
/*
 * page.h -- one page of a listing, and the token that leads to the next.
 *
 * A listing has an order that never changes for what stays in it, and a token holds the place of the last item
 * given. So others may come and go between two pages: what stays is listed once, neither lost nor
 * repeated. A token may be old, and what it names may be gone.
 * Cost:   a page looks at all items once and keeps the smallest of them in a heap.
 */
#ifndef API_PAGE_H
#define API_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "model/fault.h"

#define PAGE_MAX      100
#define PAGE_KEY_TEXT 96 /* the longest key: an instance id, or a date and an id */

/* Writes the key by which item is ordered, as strcmp() compares, to out. */
typedef void page_key(const void *item, char out[PAGE_KEY_TEXT]);

struct page {
	uint32_t want; /* items on a page, 1..PAGE_MAX */
	char after[PAGE_KEY_TEXT];
	uint32_t
		n; /* items held: at most want + 1, the last of which is not of this page */
	struct page_item {
		const void *item;
		char key[PAGE_KEY_TEXT];
	} items[PAGE_MAX + 1];
};

/*
 * Begins the page after token (NULL: the first). scope tells one listing from another: "namespaces", a service's
 * id. False, with *f set, if token is none of this listing's.
 */
bool page_begin(struct page *p, const char *scope, const char *token, int64_t want,
	struct fault *f);
/* Offers an item; any order will do. The item is borrowed until the page is written. */
void page_offer(struct page *p, const void *item, page_key *key) CMAP_NONNULL;
/* Puts items in order. Returns how many are on the page; p->items[0..] are they. */
uint32_t page_finish(struct page *p) CMAP_NONNULL;
/* Adds NextToken if more comes. */
void page_write_token(const struct page *p, const char *scope,
	struct buf *out) CMAP_NONNULL;

#endif
