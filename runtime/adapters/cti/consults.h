/* runtime/adapters/cti/consults.h - Tells an agent's desktop of the consultation that they have about a call. */
#pragma once

#include <jansson.h>

#include "runtime/adapters/cti/cti.h"

/* The consultation of the party at `dn`, who has the call on hold, as an attribute of events; NULL: there is none. */
json_t *consult_shown(const struct cti *, const struct call *, const char *dn);
/* What the party at `dn` is asked about, as an attribute of events of the consultation: who asks, and who is at the
 * other side of the call that waits. NULL: it is no consultation, or its own asker's. */
json_t *consult_about(const struct cti *, const struct call *consult, const char *dn);
/* The main call's party who asks: the consultation's caller, or whoever has the main call on hold. */
const struct call_party *consult_asker(const struct call *main, const struct call *consult);
/* The call has changed: if it is a consultation, the desktop of the agent who asks is told how it stands. */
void consult_tell_state(struct cti *, const struct call *);
/* It is over, for this cause. */
void consult_tell_over(struct cti *, const struct call *, enum cause);
