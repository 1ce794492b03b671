/* runtime/sim/tests.h - The tests of an image, for the programs that play them: `gcxc test`, gcxsim and the
 * simulation (others use sim.h). */
#pragma once

#include "runtime/sim/plan.h"
#include "runtime/sim/sim.h"

/* The names declared in an image, as texts, for making a plan. Owns them. */
struct world_declared {
    struct plan_names lists;
    char **all; /* memory of the texts in the lists */
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

/* Makes the plan of a test; NULL with the reason: it is impossible. */
struct plan *sim_tests_plan(const struct sim_tests *, const struct scenario_test *, struct error *);
