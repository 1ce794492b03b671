/* runtime/core/queues/profile.h - Who can do the same has one profile, which remembers the wants that they satisfy.
 *
 * So an agent who becomes ready looks only at those who wait for somebody like them. A want is looked at once for all
 * of a profile, when one of them is ready the next time; what a profile remembers of wants that nobody has any more is
 * forgotten as it is met. A cache only: profiles are made anew when the directory has changed. */
#ifndef CORE_PROFILE_H
#define CORE_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"

struct core;

enum { PROFILE_ENTRIES_MAX = 1 << 20 };

struct profile {
    uint64_t key;    /* hash of skills and groups, made distinct */
    uint64_t looked; /* number of the newest want that it has looked at */
    uint32_t agent;  /* one who has it */
    struct profile_entry {
        uint64_t number; /* of the want: its slot may have another now */
        uint32_t want;
    } * entries;
    uint32_t count, capacity;
};

struct profiles {
    struct profile *all;
    uint32_t count, capacity;
    struct lookup by_key;
    uint64_t entries; /* of all */
};

void profiles_clear(struct core *); /* what agents can has changed */

/* The best in rank of all whom this agent could serve; VISIT_NONE. */
uint32_t profile_best(struct core *, uint32_t agent);

#endif
