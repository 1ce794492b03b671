/* runtime/core/media/pass_on.h - Submitted interactions go on to another domain once they stand in a queue that this
 * one has not.
 *
 *     in its queue --> CLOSING, PassOn awaited --> ended: that domain has it
 *          ^                     |
 *          '---- refused, or taken back; again when the strategy of that queue is over, or after a pause
 *
 * A strategy that this domain has for the queue works on what was refused, and may send it elsewhere. Until EventDone
 * comes it is this domain's and nobody works on it. PassOn has one id from its first sending on, under which it goes
 * out again whenever the link is up: the other domain takes that id once. A session with a live leg stays where its
 * adapter is. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

/* True: the interaction is in a queue of another domain, and no agent is asked about it. */
bool pass_on_is_due(const struct core *, const struct interaction *);
/* True: the interaction is on its way. Nobody here may work on it, since the other domain may have it already. */
bool pass_on_is_under_way(const struct interaction *);
/* Stops an interaction that is on its way: asks its link to bring it back, and it ends here unless the other domain has
 * taken it. */
void pass_on_stop(struct core *, struct interaction *);
/* Hands the interaction over to the other domain. While no link can do so, it waits in its queue. */
void pass_on_begin(struct core *, struct interaction *);
/* The link is up: sends again the interactions that are on their way, and for the first time those that wait. */
void pass_on_again(struct core *, unsigned link);
/* EventDone. Returns the interaction that was refused and is in its queue again, where the queue's strategy may work on
 * it; NULL: there is none. */
struct interaction *pass_on_done(struct core *, const struct message *);
void pass_on_later(struct core *, struct interaction *); /* no strategy works on it: tries again after a pause */
/* After a commit of the directory: passes on interactions that wait in queues that now belong to another domain. */
void pass_on_committed(struct core *, const struct message *);
