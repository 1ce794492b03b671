/* runtime/adapters/cti/facts.h - The functions that facts.c, facts_agent.c and facts_party.c share. */
#pragma once

#include "runtime/adapters/cti/internal.h"

static inline const struct cti_asker *fact_asker(const struct ask *ask)
{
    return !ask ? NULL : &ask->asker;
}

/* Puts an agent who was ready into after-call work when a routed call ends. */
void facts_wrap_up(struct cti *, const struct call *, const char *dn);
/* Is this DN, where calls wait for the core, an ACD queue for the clients? The strategy distributes the calls of such a
 * queue. The core gets the same events for a queue and a routing point. */
bool facts_is_queue(const struct cti *, const char *number);
/* Tells the core how a dialled call has ended, or that somebody has answered. */
void facts_result(struct cti *, struct call *, enum cause result);
/* Tells the core the result of dialling, before the event that shows it. */
void facts_progress(struct cti *, struct call *, enum cause result);
