/* SPDX-License-Identifier: MIT */
#include "fixture.h"
#include "test.h"
Test(http, nothing)
{
}
