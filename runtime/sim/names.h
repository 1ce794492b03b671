/* runtime/sim/names.h - The names that an image declares, as texts: what a plan is made from. Owns them. */
#ifndef SIM_NAMES_H
#define SIM_NAMES_H

#include "runtime/sim/plan.h"

struct image;

struct names {
    struct plan_names lists;
    char **all; /* what the lists point to */
    const char **skills, **groups, **queues;
    uint32_t count;
};

void names_read(struct names *, const struct image *);
void names_free(struct names *);

#endif
