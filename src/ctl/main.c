/* SPDX-License-Identifier: MIT */
/* main.c -- the program cmapctl. */
#include <locale.h>
#include <stdio.h>

#include "ctl/ctl.h"

int main(int argc, char **argv)
{
	/* Characters only: numbers in JSON and in tables are the same everywhere. */
	setlocale(LC_CTYPE, "");
	return ctl_main(argc, argv, stdout, stderr);
}
