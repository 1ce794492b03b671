/* runtime/core/people/claim.c - The table of claims: slots in a pool; each claim is in two
 * lists.
 *
 *     agent ------- claims --> claim 7 --next_of_agent-------> claim 3 --> none
 *     interaction - claims --> claim 7 --next_of_interaction-> none
 *
 * A claim is counted when it is made and again when it ends, each once; the two counts are in the digest. The table
 * owns the rows. The heads of both lists are in the agent and the interaction, so callers pass them. */
#include "runtime/core/people/claim.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/batch.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/people/agent.h"

static uint64_t claim_key(const void *owner, uint32_t slot)
{
    const struct claims *claims = owner;
    return claims->all[slot].id;
}

void claims_init(struct claims *claims, uint16_t partition)
{
    *claims = (struct claims){.free = CLAIM_NONE, .last_id = (uint64_t)partition << 48};
    lookup_init(&claims->by_id, claims, claim_key);
}

void claims_free(void *self)
{
    struct claims *claims = self;
    free(claims->all);
    lookup_free(&claims->by_id);
}

/* Raises the next id: ids up to `least` may already be known outside of the core. */
void claims_skip(struct claims *claims, uint64_t least)
{
    const uint64_t partition = claims->last_id >> 48 << 48;
    if (claims->last_id - partition < least) claims->last_id = partition + least;
}

struct claim *claim_at(const struct claims *claims, uint32_t slot)
{
    assert(slot < claims->count && claims->all[slot].state != CLAIM_OVER);
    return &claims->all[slot];
}

/* Makes a claim; CLAIM_NONE only if the agent has as many units of the medium as a byte can count. */
uint32_t claim_make(struct claims *claims, uint32_t agent, uint32_t *agent_head, struct media_load *load,
                    enum media medium, uint32_t interaction, uint32_t *interaction_head)
{
    assert(medium != media_none && (unsigned)medium < MEDIA_KINDS);
    if (load->units[medium] == UINT8_MAX) return CLAIM_NONE;
    uint32_t slot = POOL_TAKE(claims, next_of_agent);
    claims->all[slot] = (struct claim){
        .id = ++claims->last_id,
        .agent = agent,
        .interaction = interaction,
        .next_of_agent = *agent_head,
        .next_of_interaction = *interaction_head,
        .state = CLAIM_RESERVED,
        .medium = (uint8_t)medium,
    };
    *agent_head = slot;
    load->units[medium]++;
    load->media = media_set_with(load->media, medium, true);
    *interaction_head = slot;
    lookup_add(&claims->by_id, slot);
    claims->debited++;
    return slot;
}

/* Ends a claim, whose timer must be cancelled before (asserted). The list of the agent's claims and that of the
 * interaction's claims are linked in one direction, so each is searched from its head. */
void claim_end(struct claims *claims, uint32_t slot, uint32_t *agent_head, struct media_load *load,
               uint32_t *interaction_head)
{
    struct claim *claim = claim_at(claims, slot);
    assert(claim->timer == 0 && load->units[claim->medium] > 0);
    if (--load->units[claim->medium] == 0) load->media = media_set_with(load->media, claim->medium, false);
    lookup_remove(&claims->by_id, claim->id);
    uint32_t *at = agent_head;
    for (; *at != slot; at = &claims->all[*at].next_of_agent) assert(*at < claims->count);
    *at = claim->next_of_agent;
    at = interaction_head;
    for (; *at != slot; at = &claims->all[*at].next_of_interaction) assert(*at < claims->count);
    *at = claim->next_of_interaction;
    POOL_GIVE(claims, slot, next_of_agent);
    claim->state = CLAIM_OVER;
    claims->credited++;
    assert(claims->credited <= claims->debited);
}

/* Has the core made the claim in order to give the agent an interaction? Claims that the core has not made for this are
 * for calls that came without gcx, and for interactions that a person offers, whatever the capacity. */
static bool claim_is_given(const struct claim *claim)
{
    if (claim->move != move_other) return false; /* a person asks */
    return claim->routed_by_us || claim->state == CLAIM_RESERVED || claim->state == CLAIM_INVITED;
}

bool claim_looks_on(const struct claim *claim)
{
    return claim->move == move_Monitor || claim->move == move_Consult;
}

/* Counts only claims that the core has given. A call that reached the agent without gcx does not count when a rule
 * becomes smaller. */
void claims_given(const struct claims *claims, uint32_t first, uint8_t given[MEDIA_KINDS])
{
    memset(given, 0, MEDIA_KINDS);
    for (uint32_t at = first; at != CLAIM_NONE; at = claims->all[at].next_of_agent)
        if (claim_is_given(&claims->all[at])) given[claims->all[at].medium]++;
}

bool claim_find(const struct claims *claims, uint64_t id, uint32_t *slot)
{
    return lookup_find(&claims->by_id, id, slot);
}

uint32_t claims_outstanding(const struct claims *claims)
{
    return claims->by_id.count;
}

static void claims_part_init(void *self, const struct parts *parts)
{
    struct claims *claims = self;
    claims_init(claims, parts->options->partition);
    claims->names = parts->names;
    claims->timers = parts->timers;
    claims->agents = parts->agents;
}

/* Returns the hash of two counts: together they show how many claims exist and how many there ever were. */
static uint64_t claims_hash(const void *self)
{
    const struct claims *claims = self;
    return claims->debited * 3 + claims->credited;
}

static void keep_claim(struct claims *claims, struct keeper *keeper, uint32_t slot)
{
    struct claim *claim = &claims->all[slot];
    claim->state = (uint8_t)keep_index(keeper, claim->state, CLAIM_ACTIVE + 1, CLAIM_OVER);
    claim->next_of_agent = keep_index(keeper, claim->next_of_agent, claims->count, CLAIM_NONE);
    if (claim->state == CLAIM_OVER) return;
    claim->id = keep_u64(keeper, claim->id);
    claim->agent = keep_u32(keeper, claim->agent);
    claim->interaction = keep_u32(keeper, claim->interaction);
    claim->next_of_interaction = keep_index(keeper, claim->next_of_interaction, claims->count, CLAIM_NONE);
    claim->timer = timer_keep(claims->timers, keeper, claim->timer, 1u << TIMER_CLAIM, slot, 0);
    claim->ref = keep_u32(keeper, claim->ref);
    claim->until_us = keep_u64(keeper, claim->until_us);
    claim->made_us = keep_u64(keeper, claim->made_us);
    claim->answered_us = keep_u64(keeper, claim->answered_us);
    claim->mover = name_keep(claims->names, keeper, claim->mover);
    claim->vq = name_keep(claims->names, keeper, claim->vq);
    claim->line = keep_has(keeper, 4) ? keep_u16(keeper, claim->line) : 0;
    claim->group = keep_has(keeper, 7) ? name_keep(claims->names, keeper, claim->group) : 0;
    claim->link = keep_u16(keeper, claim->link);
    claim->medium = media_keep(keeper, claim->medium);
    claim->routed_by_us = keep_bool(keeper, claim->routed_by_us);
    claim->move = keep_u8(keeper, claim->move);
    claim->ruled = keep_bool(keeper, claim->ruled);
    claim->accepted = keep_bool(keeper, claim->accepted);
    claim->rings = keep_has(keeper, 17) ? (uint8_t)keep_index(keeper, claim->rings, RINGS_ALONG + 1, RINGS_ALONE) : 0;
    lookup_restore(&claims->by_id, keeper, slot);
}

static void claims_keep(void *self, struct keeper *keeper)
{
    struct claims *claims = self;
    POOL_KEEP(claims, keeper, UINT32_MAX);
    for (uint32_t slot = 0; slot < claims->count && keep_good(keeper); slot++) keep_claim(claims, keeper, slot);
    claims->last_id = keep_u64(keeper, claims->last_id);
    claims->debited = keep_u64(keeper, claims->debited);
    claims->credited = keep_u64(keeper, claims->credited);
}

/* True: each claim is in its agent's list, or free. The lists of interactions are checked with the interactions. */
static bool claims_part_sound(void *self)
{
    const struct claims *claims = self;
    struct marks marks = marks_of(claims->count);
    bool good = true;
    for (uint32_t agent = 0; agent < claims->agents->count; agent++)
        for (uint32_t at = agent_at(claims->agents, agent)->claims; good && at != CLAIM_NONE;
             at = claims->all[at].next_of_agent)
            if (!(good =
                      marks_mark(&marks, at) && claims->all[at].state != CLAIM_OVER && claims->all[at].agent == agent))
                break;
    POOL_MARK_FREE(claims, next_of_agent, state, CLAIM_OVER, &marks, good);
    return marks_end(&marks, claims->count) && good;
}

const struct part_ops part_ops_claims = {
    .size = sizeof(struct claims),
    .init = claims_part_init,
    .free = claims_free,
    .hash = claims_hash,
    .keep = claims_keep,
    .sound = claims_part_sound,
};
