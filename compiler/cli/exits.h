/* compiler/cli/exits.h - gcxc test --exits: makes every failure happen that no test meets, and tells what becomes of
 * the caller. */
#pragma once

#include "compiler/cli/coverage.h"

/* After coverage_end(). False where somebody is left without an end. */
bool exits_tell(const struct coverage *, const struct options *, FILE *);
