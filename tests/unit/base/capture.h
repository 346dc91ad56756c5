/* SPDX-License-Identifier: MIT */
/* capture.h -- what is written to stderr between two calls, up to a pipe's 64 KiB. */
#ifndef CAPTURE_H
#define CAPTURE_H

void capture_begin(void);
/* The text since capture_begin(); the caller frees it. */
char *capture_end(void);

#endif
