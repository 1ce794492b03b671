/* compiler/cli/mutants.h - gcxc test --mutate: small changes of the strategies that no test notices. */
#pragma once

#include "compiler/cli/coverage.h"

/* After coverage_end(), of a coverage that keeps hits and whose tests all passed. */
void mutants_tell(const struct coverage *, const struct options *, FILE *);
