/* compiler/cli/exits.h - gcxc test --exits: every failure that no test meets is made to happen, and what becomes of
 * it. */
#ifndef COMPILER_CLI_EXITS_H
#define COMPILER_CLI_EXITS_H

#include "compiler/cli/coverage.h"

/* After coverage_end(). False where somebody is left without an end. */
bool exits_tell(const struct coverage *, const struct options *, FILE *);

#endif
