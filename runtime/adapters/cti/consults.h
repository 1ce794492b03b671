/* runtime/adapters/cti/consults.h - Tells an agent's desktop about the consultation that the agent has about a call. */
#pragma once

#include <jansson.h>

#include "runtime/adapters/cti/cti.h"

/* Returns the consultation that the party at `dn` has about the call on hold, as an attribute for events; NULL: the
 * party has none. */
json_t *consult_shown(const struct cti *, const struct call *, const char *dn);
/* Returns what the party at `dn` is consulted about, as an attribute for events of the consultation: who asks, and who
 * is at the other side of the held call. NULL: the call is no consultation, or the party is the one who asks. */
json_t *consult_about(const struct cti *, const struct call *consult, const char *dn);
/* Returns the main call's party who asks: the consultation's caller, or else a party that has the main call on hold. */
const struct call_party *consult_asker(const struct call *main, const struct call *consult);
/* Returns the consultation that the party at `dn` has set aside to talk to the main call; NULL: none. */
const struct call *consult_aside(const struct cti *, const struct call *main, const char *dn);
/* The call has changed: if it is a consultation, the desktop of the agent who asks is told its new state. */
void consult_tell_state(struct cti *, const struct call *);
/* Tells the asking agent's desktop that the consultation is over, for this cause; `asker` may be NULL. */
void consult_tell_over(struct cti *, const struct call *, enum cause, const struct cti_asker *asker);
