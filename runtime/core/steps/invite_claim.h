/* runtime/core/steps/invite_claim.h - The claims of agents who are asked, for the files that ask and that take
 * answers. */
#pragma once

#include "runtime/core/steps/invite.h"

struct claim;

/* True: the claim's agent is asked, or has accepted. */
bool invite_is_out(const struct claim *);
/* True: the agent has accepted, and the call is not routed yet. */
bool invite_has_answered(const struct claim *);
/* Does the same as invite_possible for the agent and the medium of a claim. */
bool invite_claim_possible(const struct core *, const struct claim *);
/* Returns the argument of the fiber's step, a duration; 0: it is not given. */
uint64_t invite_duration(const struct core *, const struct interaction *, uint8_t fiber, uint16_t parameter);
/* Returns the argument of the fiber's step that is a countdown, limited to the allowed range. */
uint64_t invite_countdown_us(const struct core *, const struct interaction *, uint8_t fiber, uint16_t parameter);
/* Asks the agent; the step waits for the answer. */
struct step_outcome invite_asks_alone(struct core *, struct interaction *, uint8_t fiber, uint32_t claim,
                                      uint64_t in_us);
/* Sends the question, or shows the agent an interaction that the agent already has. */
void invite_send(struct core *, struct interaction *, struct claim *);
/* Tells the desktop that the claim has ended, and which agent was quicker, if one was. */
void invite_say_withdrawn(struct core *, unsigned link, uint64_t claim, unsigned cause, struct interaction *);
/* Withdraws the question of a claim from the desktop. */
void invite_revoke(void *, uint32_t claim);
/* Withdraws all questions of the interaction except for one. */
void invite_withdraw_but(struct core *, struct interaction *, uint32_t kept);
