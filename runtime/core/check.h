/* runtime/core/check.h - The invariants of proof.md that one core can tell by itself; tests ask after every event. */
#ifndef CORE_CHECK_H
#define CORE_CHECK_H

#include <stdbool.h>

struct core;
struct error;

/* False, and which does not hold: owners (2), claims (5), nobody passed over (7), queues' counters (8). Slow. */
bool core_check(const struct core *, struct error *);

#endif
