/* runtime/sim/declared.h - The names that an image declares, as texts, from which a plan is made. Owns them. */
#pragma once

#include "runtime/sim/plan.h"

struct world_declared {
    struct plan_names lists;
    char **all; /* what the lists point to */
    const char **skills, **groups, **queues;
    uint32_t count;
};

void declared_read(struct world_declared *, const struct image *);
void declared_free(struct world_declared *);
