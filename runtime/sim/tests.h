/* runtime/sim/tests.h - The tests of an image, for whoever plays them: `gcxc test`, gcxsim and the day (sim.h has the
 * face for all others). */
#pragma once

#include "runtime/sim/declared.h"
#include "runtime/sim/sim.h"

struct sim_tests {
    struct image *image;
    struct scenario *scenario;
    struct world_declared names;
};

/* NULL, and why: its world cannot be set up. */
struct plan *sim_tests_plan(const struct sim_tests *, const struct scenario_test *, struct error *);
