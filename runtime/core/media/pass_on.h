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

/* It stands in a queue of another domain, and nobody is asked to take it. */
bool pass_on_is_due(const struct core *, const struct interaction *);
/* It is on its way: nobody here may work on it, as the other domain may have it already. */
bool pass_on_is_under_way(const struct interaction *);
/* It is on its way, and ends here unless the other domain takes it: its link is asked to bring it back. */
void pass_on_stop(struct core *, struct interaction *);
/* Hands it over. While no link can, it waits in its queue. */
void pass_on_begin(struct core *, struct interaction *);
/* The link is up: what is on its way goes out again, what waits goes for the first time. */
void pass_on_again(struct core *, unsigned link);
/* EventDone. Returns the interaction that was refused and is in its queue again, where the queue's strategy may work on
 * it; NULL: there is none. */
struct interaction *pass_on_done(struct core *, const struct message *);
void pass_on_later(struct core *, struct interaction *); /* no strategy does: it is tried again after a pause */
/* Interactions that wait in a queue which is another domain's from now on go there. */
void pass_on_committed(struct core *, const struct message *);
