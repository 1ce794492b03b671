/* runtime/adapters/cti/facts.h - The functions that the files of facts share. */
#pragma once

#include "runtime/adapters/cti/internal.h"

static inline const struct cti_asker *fact_asker(const struct ask *ask)
{
    return !ask ? NULL : &ask->asker;
}

/* An agent who was ready goes into after-call work when a routed call ends. */
void facts_wrap_up(struct cti *, const struct call *, const char *dn);
/* A DN where calls wait for the core may be an ACD queue to the clients: the strategy is what distributes its calls.
 * The core has the same events for both. */
bool facts_is_queue(const struct cti *, const char *number);
/* The core hears how a dialled call has ended, or that somebody has answered. */
void facts_result(struct cti *, struct call *, enum cause result);
/* The result of the dialling goes out before the event that shows it. */
void facts_progress(struct cti *, struct call *, enum cause result);
