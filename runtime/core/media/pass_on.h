/* runtime/core/media/pass_on.h - Submitted interactions are passed on to another domain when they are in a queue
 * that this domain does not have.
 *
 *     in its queue --> CLOSING, PassOn awaited --> ended: that domain has it
 *          ^                     |
 *          '---- refused, or taken back; again when the strategy of that queue is over, or after a pause
 *
 * If the other domain refuses an interaction, a strategy that this domain has for the queue works on it, and may
 * send it elsewhere. Until EventDone comes the interaction belongs to this domain, and nobody works on it. PassOn
 * keeps the id of its first sending, under which it is sent again whenever the link is up: the other domain takes an
 * id only once. A session with a leg stays in the domain that has its adapter. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

/* True: the interaction is in a queue of another domain, and no agent is asked about it. */
bool pass_on_is_due(const struct core *, const struct interaction *);
/* True: the interaction is being passed on. Nobody here may work on the interaction, since the other domain may have it
 * already. */
bool pass_on_is_under_way(const struct interaction *);
/* Stops the passing on: asks the link to take the interaction back, and ends it here unless the other domain has
 * taken it. */
void pass_on_stop(struct core *, struct interaction *);
/* Passes the interaction on to the other domain. While no link can pass it on, the interaction waits in its queue. */
void pass_on_begin(struct core *, struct interaction *);
/* The link is up: sends the interactions again that are being passed on, and begins with those that wait. */
void pass_on_again(struct core *, unsigned link);
/* Handles the EventDone of an interaction that was passed on. Returns the interaction if the other domain has refused
 * it: it is in its queue again, where the queue's strategy may work on it. NULL: the interaction has ended, since the
 * other domain has it or it was stopped meanwhile; or the message is no answer to its PassOn. */
struct interaction *pass_on_done(struct core *, const struct message *);
/* no strategy works on the interaction: tries again after a pause */
void pass_on_later(struct core *, struct interaction *);
/* Called after a commit of the directory: passes on interactions in queues that now belong to another domain. */
void pass_on_committed(struct core *, const struct message *);
