/* runtime/core/check.h - Checks the invariants of a core that need nothing but this core. Tests call core_check
 * after every event. */
#pragma once

#include <stdbool.h>

struct core;
struct error;

/* False: an invariant does not hold, and the error names it: owners (2), claims (5), no agent or interaction passed
 * over (7), counters of queues (8), an agent who talks has a leg. Slow. */
bool core_check(const struct core *, struct error *);

/* Does the same as core_check for a core that a version of another semantics number has saved: up to number 20, an
 * agent who had left a call stayed claimed. */
bool core_check_migrated(const struct core *, struct error *);

/* The check of core_load, for a core whose counts were just computed: the same as core_check without the slow parts,
 * which ask for each agent and selector whether anybody is passed over. */
bool core_check_loaded(const struct core *, struct error *);
