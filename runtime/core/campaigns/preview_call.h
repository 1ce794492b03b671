/* runtime/core/campaigns/preview_call.h - The call of a record that its holder dials in preview.
 *
 * The list has allowed the attempt and written it down. The core asks the link of the holder's telephone to make the
 * call from there; the call is the leg of an interaction of the record on which no strategy runs. Until somebody has
 * answered, the row has the ref of the effect that dials. When the interaction has ended, the record is its holder's
 * again, with the call's result. */
#ifndef CORE_CAMPAIGNS_PREVIEW_CALL_H
#define CORE_CAMPAIGNS_PREVIEW_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/vocabulary.h"

struct core;
struct interaction;

/* May the agent (its slot) dial at a telephone? code_ok: yes. */
enum code preview_call_may(const struct core *, uint32_t agent);
/* Dials the number of the record for its holder. code_ok: the call is asked for. */
enum code preview_call(struct core *, uint32_t slot);

/* The interactions below may be any; one that is not dialled so changes nothing, and the function is false. */

/* EventCallCreated: it is the call that was asked for. */
bool preview_call_created(struct core *, struct interaction *, const struct message *);
/* The link has told how the dialling ends (enum cause), or somebody has answered. */
void preview_call_progress(struct core *, struct interaction *, unsigned result);
void preview_call_answered(struct core *, struct interaction *);
/* The call has ended, or is given up. */
void preview_call_over(struct core *, struct interaction *, unsigned cause);
/* EventDone: true: it answers the effect that dials. */
bool preview_call_refused(struct core *, struct interaction *, const struct message *);

#endif
