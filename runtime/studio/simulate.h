/* runtime/studio/simulate.h - Days of random calls with a person's draft, and with another version beside it. To be
 * called as check.h says. */
#pragma once

#include "runtime/studio/check.h"

struct studio_simulated {
    unsigned hourly;                 /* arrivals in an hour */
    unsigned hours, replications;    /* so long, so often */
    const char *strategy;            /* whose arrivals they are; NULL: all of the strategies' */
    const char *handling, *patience; /* times as gcxc has them; NULL: gcxc's own */
    const json_t *agents;            /* texts: agents who are alike */
    unsigned within_s;
};

/* What `gcxc simulate --format json` says of the version; with `against` of that tree, too. NULL with the reason. */
json_t *studio_simulate(git_repository *, const git_tree *, const git_tree *against, bool compared,
                        const struct studio_unsaved *, const struct studio_simulated *, int stop, struct error *);
