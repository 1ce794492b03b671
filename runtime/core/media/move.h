/* runtime/core/media/move.h - Requests of agents and supervisors: pull, place, transfer, conference, consult, monitor,
 * leave, hold and stop.
 *
 * A request changes nothing while a strategy works on the interaction: the answer is `locked`. Requests that need
 * another agent's consent are answered at once, and the mover keeps the interaction until the other agent has accepted.
 * The mover hears what came of it: Withdraw after a transfer, Notify otherwise.
 *
 * An agent may take elsewhere, give away or stop what they have, and what is free: it waits in a queue or in a workbin
 * that is open to them (workbin.h), and nobody has it or is asked. Only the administration may do so with what others
 * have, and let an agent look on, whom it names as the one who asks. An agent who looks on has it, too. The medium's
 * own link may stop what it submitted. The others are refused: no_privilege. */
#pragma once

#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct claim;
struct core;
struct interaction;

void move_on_pull(struct core *, const struct message *); /* RequestPull */
void move_on_move(struct core *, const struct message *); /* RequestMove */
void move_on_stop(struct core *, const struct message *); /* RequestStop */
/* RequestRevise, from an agent who works on a written interaction: gives it another subject and body. */
void move_on_revise(struct core *, const struct message *);

/* Ends a submitted interaction; a session is closed first. Tells all its agents except `but`. */
void move_stop(struct core *, struct interaction *, uint32_t but);

/* As media_ops.accepted and refused: the agent who was asked takes or joins the interaction, or refuses it. */
void move_accepted(struct core *, struct interaction *, uint32_t claim);
void move_refused(struct core *, struct interaction *, const struct claim *, unsigned code);
