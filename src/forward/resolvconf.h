/* SPDX-License-Identifier: MIT */
/*
 * resolvconf.h -- the name servers that a host's resolv.conf names.
 *
 * Thread: any, once c-ares has been initialized.
 * Source: resolv.conf(5).
 */
#ifndef FORWARD_RESOLVCONF_H
#define FORWARD_RESOLVCONF_H

#include <stddef.h>

#include "base/sock.h"

/*
 * Puts at most max of them to out, in their order, and how many to *n. A file that is missing or names none stands for
 * 127.0.0.1, as with every resolver. CMAP_E_LIBRARY if c-ares does not take it.
 */
int resolvconf_read(const char *path, struct sock_addr *out, size_t max,
	size_t *n) CMAP_NONNULL CMAP_MUST_USE;

#endif
