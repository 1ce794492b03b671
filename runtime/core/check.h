/* runtime/core/check.h - The invariants that one core can check by itself. Tests call core_check after
 * every event. */
#pragma once

#include <stdbool.h>

struct core;
struct error;

/* False: an invariant does not hold, and the error names it: owners (2), claims (5), nobody passed over (7), counters
 * of queues (8), whoever talks has a leg. Slow. */
bool core_check(const struct core *, struct error *);

/* As core_check, for a core that a version of another semantics number has saved: up to 20, an agent who had left a
 * call stayed claimed. */
bool core_check_migrated(const struct core *, struct error *);

/* The check of core_load on a core whose contents it has just counted: the same as core_check but for the slow parts,
 * which ask for each agent and selector whether anybody is passed over. */
bool core_check_loaded(const struct core *, struct error *);
