/* runtime/core/queues/profile.h - Profiles: agents with equal skills and groups share one profile, which remembers the
 * selectors that its agents match.
 *
 * So an agent who becomes ready looks only at interactions that wait for such an agent. The core looks at a new
 * selector once per profile, when an agent of the profile is ready the next time. An entry of a selector that is gone
 * is dropped when the core meets it. Only a cache: the profiles are made anew after the directory has changed. */
#ifndef CORE_PROFILE_H
#define CORE_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"

struct core;

enum { PROFILE_ENTRIES_MAX = 1 << 20 };

struct profile {
    uint64_t key;    /* hash of skills and groups, raised until it is unique */
    uint64_t looked; /* number of the newest selector that was looked at */
    uint32_t agent;  /* an agent who has this profile */
    struct profile_entry {
        uint64_t number; /* the selector's number; the row may have another number now */
        uint32_t want;
    } * entries;
    uint32_t count, capacity;
};

struct profiles {
    struct profile *all;
    uint32_t count, capacity;
    struct lookup by_key;
    uint64_t entries; /* entries of all profiles */
};

void profiles_clear(struct core *); /* the agents' skills or groups have changed */

/* The visit of best rank that this agent could serve; VISIT_NONE: there is none. */
uint32_t profile_best(struct core *, uint32_t agent);

#endif
