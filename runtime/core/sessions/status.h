/* runtime/core/sessions/status.h - The states of agents and of their media: sets them in the core, at once or when
 * the last claim has ended, and tells the switch. Only the files of this folder use it; others use session.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct agent;
struct agents;
struct sessions;

/* A report of a state, with its other fields. `by` has set the state instead of the agent, for the reason `why`; empty:
 * nobody has. */
struct report {
    struct span reason, by, why;
    unsigned work_mode;
};
extern const struct report status_no_reason;

/* True: the medium is voice, or none is named: that state applies to all media without a state of their own. */
bool status_is_main(enum media);
/* True: a medium can have the state by itself. */
bool status_is_of_medium(enum agent_state);

/* status_set and status_set_medium change only the state; the caller updates the agent's place in the ready list,
 * unless the state is that of one medium. */
void status_set(struct sessions *, uint32_t agent, enum agent_state, const struct report *);
void status_set_medium(struct sessions *, uint32_t agent, enum media, enum agent_state, const struct report *);
/* Switches do-not-disturb, which is not a state of its own: it can be on in any state. True: the state was
 * do-not-disturb on or off. */
bool status_do_not_disturb(struct sessions *, uint32_t agent, enum agent_state);
/* The line where the agent is reached for some medium may have changed: tells the parts, so that a step that asks
 * this agent asks another one. */
void status_look(struct sessions *, uint32_t agent);

/* Begins the state of the medium. `asked`: the core must tell the switch. */
void status_begin(struct sessions *, uint32_t agent, enum media, enum agent_state, bool asked);
/* Stores the state until the agent's last claim of the medium ends; then it begins before the core can choose the
 * agent again. If the agent has no such claims the state begins at once. */
void status_after(struct sessions *, uint32_t agent, enum media, enum agent_state, bool asked);
/* The agent's last claim of the medium may have ended: then a state that was requested for this moment begins. The
 * caller updates the agent's place in the ready list. */
void status_afterwards(struct sessions *, uint32_t agent, enum media);
/* Called when the agent has logged out of all media. */
void status_logged_out(struct agents *, uint32_t agent);

/* Where the agent serves a medium. */
struct served_at {
    uint32_t dn;
    unsigned link;
};
/* Tells the agent's state to the link where the agent serves the medium, if the link can set states. */
void status_tell_switch(struct sessions *, uint32_t agent, struct served_at, enum media, enum agent_state,
                        const struct report *);
/* Forgets the state that was to begin after the calls. States that begin after work of other media stay. */
void status_forget_after(struct agent *);
