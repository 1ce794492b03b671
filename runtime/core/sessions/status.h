/* runtime/core/sessions/status.h - The states of agents and of their media: sets them in the core, now or when the last
 * claim is over, and tells the switch. For the files of this room; others use session.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct agent;
struct agents;
struct sessions;

/* A report of a state, with what it brings besides. */
struct report {
    struct span reason;
    unsigned work_mode;
};
extern const struct report status_no_reason;

/* The state of voice is that of all media which have none of their own. */
bool status_is_main(enum media);
/* The states that a medium may have by itself. */
bool status_is_of_medium(enum agent_state);

/* Each changes the state only; the caller settles the agent's place in the ready list, unless it is of one medium. */
void status_set(struct sessions *, uint32_t agent, enum agent_state, const struct report *);
void status_set_medium(struct sessions *, uint32_t agent, enum media, enum agent_state, const struct report *);
/* Do-not-disturb is not a state of its own: it can be on in any state. True: the state was one of its two words. */
bool status_do_not_disturb(struct sessions *, uint32_t agent, enum agent_state);
/* The place where the agent is reached for some medium may have changed: tells the parts, so that a step that asks this
 * agent asks another one. */
void status_look(struct sessions *, uint32_t agent);

/* The state of the medium begins. `asked`: the core has to tell the switch. */
void status_begin(struct sessions *, uint32_t agent, enum media, enum agent_state, bool asked);
/* Keeps the state for the moment when the agent's last claim of the medium ends, so that the core cannot choose the
 * agent in between. Without such claims the state begins at once. */
void status_after(struct sessions *, uint32_t agent, enum media, enum agent_state, bool asked);
/* The agent's last claim of the medium may be over: a state that was asked for meanwhile begins. The caller settles the
 * agent. */
void status_afterwards(struct sessions *, uint32_t agent, enum media);
/* The agent has logged out of all. */
void status_logged_out(struct agents *, uint32_t agent);

/* The place where the agent serves a medium. */
struct served_at {
    uint32_t dn;
    unsigned link;
};
/* Tells the link there the agent's state, if the link can set states. */
void status_tell_switch(struct sessions *, uint32_t agent, struct served_at, enum media, enum agent_state,
                        const char *why);
/* Forgets the state that was to come after the calls. States that are to come after other media stay. */
void status_forget_after(struct agent *);
