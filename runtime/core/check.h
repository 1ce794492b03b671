/* runtime/core/check.h - The invariants that one core can check by itself. Tests call core_check after
 * every event. */
#ifndef CORE_CHECK_H
#define CORE_CHECK_H

#include <stdbool.h>

struct core;
struct error;

/* False: an invariant does not hold, and the error names it: owners (2), claims (5), nobody passed over (7), counters
 * of queues (8). Slow. */
bool core_check(const struct core *, struct error *);

/* What core_load asks of a core whose contents it has just counted: the same, but for what takes time for each agent
 * and selector, that nobody is passed over. */
bool core_check_loaded(const struct core *, struct error *);

#endif
