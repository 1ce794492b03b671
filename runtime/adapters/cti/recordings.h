/* runtime/adapters/cti/recordings.h - Calls that are recorded: who talks may keep out what must not be kept, a card's
 * number say, and all who are in the call see whether it is recorded. The switch has the recording itself. */
#pragma once

#include "runtime/adapters/cti/internal.h"

/* The switch is asked for it, and answers the ask by cti_answered(). False: this switch cannot. */
bool recording_ask(struct cti *, struct ask *, const struct call *, enum call_op);
/* It is so now: everybody at the call is told, and a client that asked answered. */
void recording_is(struct cti *, struct call *, const struct ask *);
