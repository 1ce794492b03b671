/* runtime/core/media/move.h - Requests of agents and supervisors: pull, place, transfer, conference, consult, monitor,
 * leave, hold and stop.
 *
 * A request changes nothing while a strategy works on the interaction: the answer is `locked`. A request that needs
 * another agent's consent is answered at once, and the mover keeps the interaction until the other agent has
 * accepted. The mover is told the result: by Withdraw after a transfer, otherwise by Notify.
 *
 * An agent may place, transfer or stop an interaction that the agent has, or that is free: it waits in a queue or in
 * a workbin open to the agent (workbin.h), and no agent has it or is asked about it. Only the administration may do
 * this with interactions of other agents, and may let an agent watch one; it names this agent as the asker. An agent
 * who watches an interaction has it, too. The medium's own link may stop what it has submitted. All other requests
 * are refused: no_privilege. */
#pragma once

#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct claim;
struct core;
struct interaction;

void move_on_pull(struct core *, const struct message *); /* RequestPull */
void move_on_move(struct core *, const struct message *); /* RequestMove */
/* AdminRequest move: puts the interaction into the queue that the request names; a call that waits goes on with the
 * strategy of the routing point of that name. */
void move_by_hand(struct core *, const struct message *);
void move_on_stop(struct core *, const struct message *); /* RequestStop */
/* Carries out a RequestRevise: an agent who works on a written interaction gives it another subject and body. */
void move_on_revise(struct core *, const struct message *);

/* The operations `accepted` and `refused` (media_ops): the agent who was asked takes or joins the interaction, or
 * refuses it. */
void move_accepted(struct core *, struct interaction *, uint32_t claim);
void move_refused(struct core *, struct interaction *, const struct claim *, unsigned code);
