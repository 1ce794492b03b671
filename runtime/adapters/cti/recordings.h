/* runtime/adapters/cti/recordings.h - Recording of calls: a party who talks may pause it for what must not be
 * recorded, such as a card's number, and all who are in the call see whether it is recorded. The recording itself is
 * in the switch. */
#pragma once

#include "runtime/adapters/cti/internal.h"

/* Requests the operation of the switch, which answers the ask by cti_answered(). False: this switch cannot. */
bool recording_ask(struct cti *, struct ask *, const struct call *, enum call_op);
/* The recording has its new state: the clients of all parties are told, and the client that asked is answered. */
void recording_is(struct cti *, struct call *, const struct ask *);
