/* SPDX-License-Identifier: MIT */
#include "ctl/table.h"

#include <libsmartcols.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"

struct table {
	struct libscols_table *cols;
	size_t n_columns;
};

/* libsmartcols fails for want of memory only, which ends every program of cmap. */
static void must(int ok)
{
	if (!ok) {
		log_error("out of memory");
		abort();
	}
}

struct table *table_new(const char *const *headings, size_t n_columns)
{
	struct table *t = xmalloc(sizeof(*t));

	t->cols = scols_new_table();
	must(t->cols != NULL);
	t->n_columns = n_columns;
	scols_table_enable_noheadings(t->cols, headings == NULL);
	for (size_t i = 0; i < n_columns; i++)
		must(scols_table_new_column(t->cols,
			     headings != NULL ? headings[i] : "", 0, 0) != NULL);
	return t;
}

void table_add(struct table *t, const char *const *cells)
{
	struct libscols_line *line = scols_table_new_line(t->cols, NULL);

	must(line != NULL);
	for (size_t i = 0; i < t->n_columns; i++) {
		const char *text =
			cells[i] != NULL && cells[i][0] != '\0' ? cells[i] : "-";

		must(scols_line_set_data(line, i, text) == 0);
	}
}

void table_finish(struct table *t, FILE *out)
{
	if (scols_table_get_nlines(t->cols) > 0) {
		scols_table_set_stream(t->cols, out);
		must(scols_print_table(t->cols) == 0);
	}
	scols_unref_table(t->cols);
	free(t);
}
