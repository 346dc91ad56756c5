/* SPDX-License-Identifier: MIT */
/*
 * Any octets as a name, in each form it can have. What is taken survives the way through the others; of
 * presentation format, ldns thinks the same, and reads ours as we read its own.
 */
#include <ldns/ldns.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"
#include "wire/dname.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* The name in other capitals is the same name, and any other octet is not. */
static void check_case(const struct dname *d)
{
	struct dname other = *d, lower = *d;

	for (size_t at = 0; d->wire[at] != 0; at += 1u + d->wire[at])
		for (size_t i = at + 1; i <= at + d->wire[at]; i++) {
			uint8_t c = d->wire[i];

			lower.wire[i] = c >= 'A' && c <= 'Z' ? c + 32 : c;
			other.wire[i] = (c | 32) >= 'a' && (c | 32) <= 'z' ? c ^ 32 : c;
		}
	must(dname_equal(&other, d));
	dname_lower(d->wire, d->len, other.wire);
	must(memcmp(other.wire, lower.wire, d->len) == 0);
	if (d->len > 2) {
		other.wire[d->len - 2u] ^= 64;
		must(!dname_equal(&other, d));
	}
}

/* ldns reads what we write, and we read what it writes. */
static void check_with_ldns(const struct dname *d)
{
	ldns_rdf *theirs = NULL;
	char text[DNAME_TEXT], *back;
	struct dname again;

	dname_to_text(d->wire, text);
	must(ldns_str2rdf_dname(&theirs, text) == LDNS_STATUS_OK);
	must(ldns_rdf_size(theirs) == d->len);
	must(memcmp(ldns_rdf_data(theirs), d->wire, d->len) == 0);
	back = ldns_rdf2str(theirs);
	must(dname_from_text(back, &again) == CMAP_OK);
	must(again.len == d->len && memcmp(again.wire, d->wire, d->len) == 0);
	free(back);
	ldns_rdf_deep_free(theirs);
}

/* d is a name: wire form, text and parents fit together. */
static void check(const struct dname *d)
{
	char *text = xmalloc(DNAME_TEXT);
	struct dname again, above = *d;

	must(d->len >= 1 && d->wire[d->len - 1] == 0);
	must(dname_wire_len(d->wire, d->len) == d->len);
	must(dname_wire_len(d->wire, d->len - 1u) == 0);
	dname_to_text(d->wire, text);
	must(dname_from_text(text, &again) == CMAP_OK);
	must(again.len == d->len && memcmp(again.wire, d->wire, d->len) == 0);
	check_case(d);
	for (;;) {
		must(dname_is_within(d, &above));
		must(dname_is_within(&above, d) == (above.len == d->len));
		if (above.len == 1)
			break;
		dname_parent(&above);
	}
	free(text);
}

/* What ldns makes of the same text must be the same, if it takes it. */
static void compare_with_ldns(const char *text, const struct dname *d)
{
	ldns_rdf *name = NULL;

	if (ldns_str2rdf_dname(&name, text) == LDNS_STATUS_OK && text[0] != '\0') {
		must(d != NULL);
		must(ldns_rdf_size(name) == d->len);
		must(memcmp(ldns_rdf_data(name), d->wire, d->len) == 0);
	}
	ldns_rdf_deep_free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size);
	size_t wire_len = size == 0 ? 0 : dname_wire_len(data, size);
	struct dname d;

	if (wire_len > 0) {
		must(wire_len <= size && wire_len <= DNAME_MAX);
		d.len = (uint8_t)wire_len;
		memcpy(d.wire, data, wire_len);
		check(&d);
		check_with_ldns(&d);
	}
	if (dname_from_plain(text, &d) == CMAP_OK)
		check(&d);
	if (dname_from_text(text, &d) == CMAP_OK) {
		check(&d);
		compare_with_ldns(text, &d);
	} else {
		compare_with_ldns(text, NULL);
	}
	free(text);
	return 0;
}
