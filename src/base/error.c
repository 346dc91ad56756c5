/* SPDX-License-Identifier: MIT */
#include "base/error.h"

const char *cmap_strerror(int err)
{
	switch ((enum cmap_error)err) {
	case CMAP_OK:
		return "no error";
	case CMAP_E_SYSTEM:
		return "a system call failed";
	case CMAP_E_INVALID:
		return "not of the form asked for";
	case CMAP_E_RANGE:
		return "out of range";
	case CMAP_E_NOT_FOUND:
		return "not found";
	case CMAP_E_EXISTS:
		return "there already";
	case CMAP_E_ROOM:
		return "does not fit";
	case CMAP_E_CORRUPT:
		return "stored data is corrupt";
	case CMAP_E_VERSION:
		return "made by a newer version";
	case CMAP_E_LIBRARY:
		return "a library failed";
	}
	return "unknown error";
}
