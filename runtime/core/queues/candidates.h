/* runtime/core/queues/candidates.h - Candidates: the ready agents who fulfil the rarest term of a selector's clauses,
 * longest idle first.
 *
 * Every ready agent who matches the selector is a candidate, but not every candidate matches. The part owns scratch
 * memory for this. */
#pragma once

#include <stdint.h>

struct agents;
struct preferences;
struct selector;

struct candidates {
    struct agents *agents;
    struct candidates_head {
        uint64_t rank; /* the agent's idle rank */
        uint32_t agent;
        uint32_t place; /* a place in a list of an ability, or a special place defined in candidates.c */
    } * heads;          /* the heads of the lists, in a heap by rank */
    uint32_t count, capacity;
    uint32_t last; /* the last candidate that was returned, since an agent may be in several lists */
    uint32_t few;  /* if at most this many agents are ready, all of them are candidates */
};

/* Begins a loop over the selector's candidates and returns their greatest possible number. No agent may change until
 * the last call of candidates_next. */
uint32_t candidates_begin(struct candidates *, const struct selector *);
/* Does the same if agents have preferences, but only for agents whose profile gives one of the selector's queues the
 * rank `rank`. Rank 0: for all agents who take the selector now. */
uint32_t candidates_begin_ranked(struct candidates *, const struct preferences *, const struct selector *,
                                 uint8_t rank);
/* Returns the smallest rank above `rank` that the selector has for the profile of a ready agent; 0: there is none. */
uint8_t candidates_next_rank(struct candidates *, const struct preferences *, const struct selector *, uint8_t rank);
/* Returns the next candidate; AGENT_NONE: there are no more. */
uint32_t candidates_next(struct candidates *);
