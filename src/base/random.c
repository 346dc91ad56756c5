/* SPDX-License-Identifier: MIT */
#include "base/random.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

void random_octets(void *out, size_t len)
{
	if (getentropy(out, len) != 0) {
		log_error("cannot get random octets from the kernel: %m");
		abort();
	}
}
