/* runtime/core/steps/invite.h - Agents who are asked before a call goes to them: `preview`, and `by everyone`.
 *
 * A claim is `invited` from when its agent is asked until an answer, its countdown, or the end of what it is asked for.
 * The selection waits on meanwhile, with place, age and busy block. Who declines or does not answer is left out of the
 * interaction's choices, and the next one is asked; by everyone all who match are asked, also those who become ready
 * later, and the first to accept has it. Nothing is kept here but in claims: one that ends while its agent is asked is
 * withdrawn, whoever ends it (session_release). */
#ifndef CORE_INVITE_H
#define CORE_INVITE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/run/step.h"

struct agent;

/* Of one interaction at a time: the others are asked when some of these have answered. */
enum { INVITED_MAX = 64 };

struct invite_counts { /* since the core began */
    uint64_t asked, accepted, declined, unanswered, withdrawn;
};

/* Those withdrawn last: what their links heard of it while they were away, nobody knows. */
enum { WITHDRAWN_KEPT = 4096 };
struct withdrawn {
    uint64_t claim, until_us; /* until_us: it is not shown any more, whatever was heard */
    uint16_t link;
    uint8_t cause;
};
struct withdrawals {
    struct withdrawn kept[WITHDRAWN_KEPT]; /* a ring */
    uint64_t count, content; /* ever; of the digest */
};

/* The selection has found somebody: done with it where nobody is to be asked; else it waits, or fails. */
struct step_outcome invite_turn(struct core *, struct interaction *, uint8_t fiber, uint64_t word);
bool invite_asks(const struct core *, const struct interaction *, uint8_t fiber); /* a selection that does */
bool invite_is_of_all(const struct core *, const struct interaction *, uint8_t fiber); /* by everyone */
bool invite_possible(const struct core *, uint32_t agent); /* its link has previews */
/* By everyone, and there is no link that could ask anybody. */
bool invite_in_vain(const struct core *, const struct interaction *, uint8_t fiber);
unsigned invites_out(const struct core *, const struct interaction *); /* so many are asked, or have accepted */
/* Somebody is asked, or has accepted, and nobody else is to be. */
bool invite_holds(const struct core *, const struct interaction *);
/* What kept it from going on is over: somebody may have accepted meanwhile. True: that was so. */
bool invite_goes_on(struct core *, struct interaction *);

void invite_on_accept(struct core *, const struct message *);
void invite_on_reject(struct core *, const struct message *);
bool invite_on_done(struct core *, struct interaction *, const struct message *); /* true: it was about an invite */
/* The claim's timer: the countdown is over, or who has accepted is routed to. False: it was no such claim. */
bool invite_lapsed(struct core *, uint32_t claim);
void invite_ended(struct core *, uint32_t claim);        /* an administrator has ended it */
void invite_look(struct core *, uint32_t agent);         /* who cannot be reached cannot be asked */
void invite_moves(struct core *, uint32_t agent);  /* away from its link: whoever was asked there is not any more */
void invite_again(struct core *, unsigned source); /* the link is up again: who is asked is told so, and who was */
void invite_withdraw(struct core *, struct interaction *); /* nobody is to be asked now */
/* The call is at its agent by another way. True: it was asked for, and what waits for the answer is to go on then. */
bool invite_overtaken(struct core *, uint32_t claim);
void invite_passed(struct core *, struct interaction *);
/* The claim ends: its agent is told, where it was asked. */
void invite_revoke(struct core *, uint32_t claim);

bool invite_is_asked(const struct core *, uint32_t agent);
uint64_t invite_hash(const struct core *, const struct interaction *); /* 0: nobody is asked, or has accepted */
bool invites_check(const struct core *, const struct interaction *);

#endif
