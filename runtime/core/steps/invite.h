/* runtime/core/steps/invite.h - Invitations: agents who are asked before a call goes to them, by `preview` and `by
 * everyone`.
 *
 * A claim is INVITED from the question to the agent until the answer, the end of the countdown, or the end of the
 * wait. Meanwhile the selection goes on waiting and keeps its place, age and busy block. An agent who declines or
 * does not answer is excluded from the interaction's selections, and the next agent is asked. With `by everyone` the
 * core asks all agents who match, also those who become ready later, and the first to accept gets the call.
 *
 * Invariant: the state of an invitation is only in its claim. If a claim ends while its agent is asked, the question
 * is withdrawn, whatever ends the claim (part_ops.claim_ends). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/run/step.h"

/* Most agents asked for one interaction at a time; further agents are asked after some of these have answered. */
enum { INVITED_MAX = 64 };

/* The claims withdrawn last. How many withdrawals are kept: a link that was away may not have received them, so they
 * can be sent again. */
enum { WITHDRAWN_KEPT = 4096 };
struct withdrawn {
    /* until_us: when the desktop stops showing the question even if nothing was sent */
    uint64_t claim, until_us;
    uint16_t link;
    uint8_t cause;
};
struct withdrawals {
    struct withdrawn kept[WITHDRAWN_KEPT]; /* a ring */
    uint64_t count, content;               /* count: withdrawals since the core began; content: hash for the digest */
};

/* The selection has found a target: asks its agent if needed. Done with `word` if no agent must be asked; otherwise
 * the step waits, or fails. */
struct step_outcome invite_turn(struct core *, struct interaction *, uint8_t fiber, uint64_t word);
/* True: the fiber's selection asks agents. */
bool invite_asks(const struct core *, const struct interaction *, uint8_t fiber);
/* true: the selection asks `by everyone` */
bool invite_is_of_all(const struct core *, const struct interaction *, uint8_t fiber);
/* True: the link where the agent serves the medium can show previews. */
bool invite_possible(const struct core *, uint32_t agent, enum media);
/* True: the selection asks `by everyone`, and no link can show previews. */
bool invite_in_vain(const struct core *, const struct interaction *, uint8_t fiber);
/* Returns how many agents are asked or have accepted. */
unsigned invites_out(const struct core *, const struct interaction *);
/* True: an agent is asked or has accepted, and no other agent may be asked now. */
bool invite_holds(const struct core *, const struct interaction *);
/* An obstacle is gone: the interaction continues with an agent who has accepted meanwhile. False: no agent has. */
bool invite_goes_on(struct core *, struct interaction *);

/* The route step offers the interaction to the claim's agent, who may take this long to answer. Done: the agent had
 * accepted before. */
struct step_outcome invite_offer(struct core *, struct interaction *, uint32_t claim, uint64_t in_us);
/* A person offers the interaction to an agent while no strategy runs: asks the agent; media_ops.accepted or
 * media_ops.refused is called with the answer. invite_possible must be true for the agent. */
void invite_agent(struct core *, struct interaction *, uint32_t claim, uint64_t in_us);
/* Shows the interaction to the agent, who has it without having been asked. */
void invite_show(struct core *, struct interaction *, uint32_t claim);

void invite_on_accept(struct core *, const struct message *);
void invite_on_reject(struct core *, const struct message *);
void invite_ended(struct core *, uint32_t claim); /* called when an administrator has ended the claim */
/* The link is up again: sends the open questions and the withdrawals again. */
void invite_again(struct core *, unsigned source);
/* Leaves the agent out of the interaction's selections; an agent who could not be reached, only for a short time. */
void invite_exclude(struct core *, struct interaction *, uint32_t agent, uint64_t for_us);
void invite_withdraw(struct core *, struct interaction *); /* withdraws all open questions of the interaction */
/* invite_overtaken: the call has reached the agent in another manner. True: the claim was an invitation, and the
 * caller must call invite_passed, so that the waiting step continues. */
bool invite_overtaken(struct core *, uint32_t claim);
void invite_passed(struct core *, struct interaction *);

bool invite_is_asked(const struct core *, uint32_t agent);

/* From deliver.c: the route step begins for a submitted interaction; `ref` as in step_ops. If the destination is an
 * agent, the agent is asked first; a queue gets the interaction at once. */
struct step_outcome deliver_begin(struct core *, struct interaction *, uint32_t ref);
/* Called when the agent has accepted the offer. */
void deliver_accepted(struct core *, struct interaction *, uint32_t claim);
