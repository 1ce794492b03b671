/* runtime/core/queues/candidates.c - Merges lists of ready agents by idle rank.
 *
 *     skill French level 3:  7 -> 12 -> 30         heads (a heap by idle rank): 7, 9
 *     skill French level 4:  9 -> 12               gives 7, 9, 12, 30; the second 12 is skipped
 *
 * Each list is ordered by idle rank already, so the heap holds one head per list. An agent who is in several lists
 * comes out several times in a row, since the rank is the same: comparing with the last agent is enough. */
#include "runtime/core/queues/candidates.h"

#include <stdlib.h>

#include "vm/keep.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/prefer.h"
#include "runtime/core/queues/selector.h"

enum { HEAD_ALL = ABILITY_NONE - 1, HEAD_ONE = ABILITY_NONE, FEW = 32 };

/* Puts the head at the root, whose former head was removed or has advanced, and lets it sink to its place. */
static void candidates_sink(struct candidates *candidates, struct candidates_head head)
{
    uint32_t at = 0;
    for (uint32_t child; (child = 2 * at + 1) < candidates->count; at = child) {
        if (child + 1 < candidates->count && candidates->heads[child + 1].rank < candidates->heads[child].rank) child++;
        if (candidates->heads[child].rank >= head.rank) break;
        candidates->heads[at] = candidates->heads[child];
    }
    candidates->heads[at] = head;
}

static void candidates_add(struct candidates *candidates, uint32_t agent, uint32_t place)
{
    struct candidates_head head = {agent_at(candidates->agents, agent)->idle_rank, agent, place};
    candidates->heads =
        memory_grow(candidates->heads, &candidates->capacity, candidates->count + 1, sizeof *candidates->heads);
    uint32_t at = candidates->count++;
    for (; at > 0 && head.rank < candidates->heads[(at - 1) / 2].rank; at = (at - 1) / 2)
        candidates->heads[at] = candidates->heads[(at - 1) / 2];
    candidates->heads[at] = head;
}

static enum ability_kind ability_kind_of(const struct demand_term *term)
{
    return term->type == TYPE_SKILL ? ABILITY_SKILL : ABILITY_GROUP;
}

/* Returns how many ready agents fulfil the term. A place has no list of its own, so all ready agents count as
 * fulfilling such a term. */
static uint32_t ready_for(const struct candidates *candidates, const struct demand_term *term)
{
    if (term->type == TYPE_AGENT) return 1;
    if (term->type == TYPE_PLACE) return candidates->agents->ready;
    return ability_ready(candidates->agents, ability_kind_of(term), term->name, term->least);
}

/* Adds the lists of agents who fulfil the rarest term of the clause, and returns how many agents they are.
 * UINT32_MAX: all ready agents. */
static uint32_t add_clause(struct candidates *candidates, const struct demand_clause *clause)
{
    const struct demand_term *rarest = NULL;
    uint32_t fewest = UINT32_MAX, count = 0;
    for (uint32_t at = 0; at < clause->count; at++) {
        uint32_t ready = ready_for(candidates, &clause->terms[at]);
        if (ready >= fewest) continue;
        rarest = &clause->terms[at];
        fewest = ready;
    }
    if (!rarest || rarest->type == TYPE_PLACE) return UINT32_MAX;
    if (rarest->type == TYPE_AGENT) {
        if (rarest->name < candidates->agents->count && agent_at(candidates->agents, rarest->name)->listed)
            candidates_add(candidates, rarest->name, HEAD_ONE);
        return fewest;
    }
    const struct ability_level *levels =
        ability_levels(candidates->agents, ability_kind_of(rarest), rarest->name, &count);
    for (uint32_t level = rarest->least; levels && level <= count; level++)
        if (levels[level - 1].ready != 0)
            candidates_add(candidates, ability_agent(levels[level - 1].first), levels[level - 1].first);
    return fewest;
}

/* Begins the search for candidates. If few agents are ready, or if a clause cannot be narrowed, the one list of all
 * ready agents is used. A list with too many agents is correct, because for every candidate it is checked again whether
 * the agent matches. */
uint32_t candidates_begin(struct candidates *candidates, const struct selector *want)
{
    uint32_t all = 0, ready = candidates->agents->ready;
    candidates->count = 0;
    candidates->last = AGENT_NONE;
    if (ready == 0 || want->clause_count == 0) return 0;
    for (uint32_t at = 0; ready > candidates->few && at <= want->clause_count; at++) {
        if (at == want->clause_count) return all;
        uint32_t of_clause = add_clause(candidates, &want->clauses[at]);
        if (of_clause == UINT32_MAX) break;
        all += of_clause;
    }
    candidates->count = 0;
    candidates_add(candidates, candidates->agents->first, HEAD_ALL);
    return ready;
}

/* True: the profile at that place gives one of the selector's queues that rank. With `rank` 0: the profile takes the
 * selector now. */
static bool profile_takes(const struct preferences *prefer, uint32_t place, const struct selector *want, uint8_t rank)
{
    for (uint32_t at = 0; at < want->clause_count; at++) {
        uint8_t of = prefer_rank(prefer, place, want->clauses[at].class);
        if (rank == 0 ? of != 0 : of == rank) return true;
    }
    return false;
}

/* Returns the ready agents of a profile; NULL: nobody has it. */
static const struct ability_level *profile_ready(struct candidates *candidates, uint32_t place)
{
    uint32_t count = 0;
    return ability_levels(candidates->agents, ABILITY_PROFILE, place, &count);
}

/* The lists of profiles are a further source of candidates: they are taken if they are shorter than the lists of
 * abilities. A profile that does not take the selector now is left out as a whole. */
uint32_t candidates_begin_ranked(struct candidates *candidates, const struct preferences *prefer,
                                 const struct selector *want, uint8_t rank)
{
    uint32_t of_abilities = candidates_begin(candidates, want), ready = 0;
    for (uint32_t place = 0; of_abilities != 0 && place < prefer->profile_count; place++) {
        const struct ability_level *level = profile_ready(candidates, place);
        if (level && level->ready != 0 && profile_takes(prefer, place, want, rank)) ready += level->ready;
    }
    if (ready >= of_abilities) return of_abilities;
    candidates->count = 0;
    for (uint32_t place = 0; ready != 0 && place < prefer->profile_count; place++) {
        const struct ability_level *level = profile_ready(candidates, place);
        if (level && level->ready != 0 && profile_takes(prefer, place, want, rank))
            candidates_add(candidates, ability_agent(level->first), level->first);
    }
    return ready;
}

uint8_t candidates_next_rank(struct candidates *candidates, const struct preferences *prefer,
                             const struct selector *want, uint8_t rank)
{
    uint8_t next = 0;
    for (uint32_t place = 0; place < prefer->profile_count; place++) {
        const struct ability_level *level = profile_ready(candidates, place);
        if (!level || level->ready == 0) continue;
        for (uint32_t at = 0; at < want->clause_count; at++) {
            uint8_t of = prefer_rank(prefer, place, want->clauses[at].class);
            if (of > rank && (next == 0 || of < next)) next = of;
        }
    }
    return next;
}

/* Moves the first head to the next agent of its list. */
static void candidates_advance(struct candidates *candidates)
{
    struct candidates_head head = candidates->heads[0];
    if (head.place == HEAD_ALL)
        head.agent = agent_at(candidates->agents, head.agent)->next;
    else if (head.place == HEAD_ONE || (head.place = ability_next(candidates->agents, head.place)) == ABILITY_NONE)
        head.agent = AGENT_NONE;
    else
        head.agent = ability_agent(head.place);
    if (head.agent == AGENT_NONE) {
        head = candidates->heads[--candidates->count];
        if (candidates->count == 0) return;
    } else {
        head.rank = agent_at(candidates->agents, head.agent)->idle_rank;
    }
    candidates_sink(candidates, head);
}

uint32_t candidates_next(struct candidates *candidates)
{
    while (candidates->count != 0) {
        uint32_t agent = candidates->heads[0].agent;
        candidates_advance(candidates);
        if (agent == candidates->last) continue;
        candidates->last = agent;
        return agent;
    }
    return AGENT_NONE;
}

static void candidates_init(void *self, const struct parts *parts)
{
    (void)self;
    *parts->candidates = (struct candidates){.agents = parts->agents, .few = FEW};
}

static void candidates_part_free(void *self)
{
    struct candidates *candidates = self;
    free(candidates->heads);
}

/* Writes or reads only the number `few`, which a test may have set: each choice begins anew. */
static void candidates_keep(void *self, struct keeper *keeper)
{
    struct candidates *candidates = self;
    candidates->few = keep_u32(keeper, candidates->few);
}

const struct part_ops part_ops_candidates = {
    .size = sizeof(struct candidates), .init = candidates_init, .free = candidates_part_free, .keep = candidates_keep};
