/* runtime/core/steps/select.h - Matching those who wait with those who are ready.
 *
 * Whoever is ready and matches an open line of a waiting interaction is claimed for it at once: so between two events
 * there is no pair of both. The longest idle is chosen; those who wait are served by rank. */
#ifndef CORE_SELECT_H
#define CORE_SELECT_H

#include <stdbool.h>
#include <stdint.h>

struct core;
struct interaction;

void select_settle(struct core *);
/* A parameter, table or schedule has changed, or the clock was set: conditions that end waits are looked at again. */
void select_settings_changed(struct core *);
/* Its link is up again: lines that would have opened meanwhile are open now. */
void select_refresh(struct core *, struct interaction *);
/* Gives up its place, if it has one. `end`: enum visit_end. */
void select_leave(struct core *, struct interaction *, unsigned end);
/* Targets as words: a claim, or a queue. */
uint64_t select_claim_word(uint64_t claim_id, uint32_t agent);
/* Whom the claim is on is known when it is over, too; `claim`: the low half of its id. */
bool select_is_claim(uint64_t word, uint32_t *agent, uint32_t *claim);
bool select_is_queue(uint64_t word, uint32_t *queue);
/* Nobody who waits could be served by anybody who is ready (proof.md, 7). */
bool select_check(struct core *);

/* What its busy block plays now is not cut off: nobody is chosen for it until that is over. `busy`: the block's fiber;
 * `fiber`: that of the selection. */
void select_hold(struct core *, struct interaction *, uint8_t busy);
void select_release(struct core *, struct interaction *, uint8_t fiber);
/* It is chosen for again, with the place that it has: once what kept it from that is over. */
void select_again(struct core *, struct interaction *);
/* It waits on, and nobody is chosen for it now. */
void select_nobody(struct core *, struct interaction *);
/* Whom it had asked has accepted. */
void select_taken(struct core *, struct interaction *, uint64_t word);

#endif
