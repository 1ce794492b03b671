/* runtime/sim/tests.h - The tests of an image, for whoever plays them: `gcxc test`, gcxsim and the day (sim.h has the
 * face for all others). */
#pragma once

#include "runtime/sim/plan.h"
#include "runtime/sim/sim.h"

/* The names that an image declares, as texts, from which a plan is made. Owns them. */
struct world_declared {
    struct plan_names lists;
    char **all; /* what the lists point to */
    const char **skills, **groups, **queues;
    uint32_t count;
};

void declared_read(struct world_declared *, const struct image *);
void declared_free(struct world_declared *);

struct sim_tests {
    struct image *image;
    struct scenario *scenario;
    struct world_declared names;
};

/* NULL, and why: its world cannot be set up. */
struct plan *sim_tests_plan(const struct sim_tests *, const struct scenario_test *, struct error *);
