/* SPDX-License-Identifier: MIT */
/* help.h -- what --help prints, made from the table of commands. */
#ifndef CTL_HELP_H
#define CTL_HELP_H

#include <stdio.h>

#include "base/compiler.h"
#include "ctl/args.h"

/* Of the command or group that a names, or of the whole program. */
void help_print(FILE *out, const struct args *a) CMAP_NONNULL;

#endif
