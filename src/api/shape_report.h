/* SPDX-License-Identifier: MIT */
/*
 * shape_report.h -- how it is told which member of an input does not meet which constraint.
 */
#ifndef API_SHAPE_REPORT_H
#define API_SHAPE_REPORT_H

#include "api/shape.h"
#include "base/buf.h"

/*
 * Where the walk over an input is: a chain from the value at hand back to the input, kept on the stack. Printed
 * only when something is wrong, as 'dnsConfig.dnsRecords.1.member.tTL': the first letter of each member in
 * lower case, elements of lists counted from 1.
 */
struct shape_place {
	const struct shape_place *above;
	const char *name; /* of a member, or the key in a map; NULL in a list */
	size_t index;     /* in a list, from 1 */
	bool element;     /* of a list or map */
};

struct shape_report {
	struct buf text;
	unsigned int n; /* violations, told or not */
};

void shape_place_write(struct buf *b, const struct shape_place *at) CMAP_NONNULL;
/*
 * Begins the next violation, "Value 'V' at 'PATH' failed to satisfy constraint: ", and returns where the
 * constraint is to be added; NULL if SHAPE_VIOLATIONS_SHOWN have been told. v is NULL for an absent one.
 */
struct buf *shape_report_next(struct shape_report *r, const struct shape_place *at,
	const json_t *v);

#endif
