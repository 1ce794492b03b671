/* runtime/core/people/claim.c - The table of claims: slots in a pool; each claim is in two lists. */
#include "runtime/core/people/claim.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"

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

void claims_free(struct claims *claims)
{
    free(claims->all);
    lookup_free(&claims->by_id);
}

struct claim *claim_at(const struct claims *claims, uint32_t slot)
{
    assert(slot < claims->count && claims->all[slot].state != CLAIM_OVER);
    return &claims->all[slot];
}

uint32_t claim_make(struct claims *claims, uint32_t agent, uint32_t *agent_head, uint8_t load[MEDIA_KINDS],
                    enum media medium, uint32_t interaction, uint32_t *interaction_head)
{
    assert(medium != media_none && (unsigned)medium < MEDIA_KINDS);
    if (load[medium] == UINT8_MAX) return CLAIM_NONE;
    uint32_t slot = claims->free;
    if (slot != CLAIM_NONE) {
        assert(slot < claims->count && claims->all[slot].state == CLAIM_OVER);
        claims->free = claims->all[slot].next_of_agent;
    } else {
        slot = claims->count++;
        claims->all = memory_grow(claims->all, &claims->capacity, claims->count, sizeof *claims->all);
    }
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
    load[medium]++;
    *interaction_head = slot;
    lookup_add(&claims->by_id, slot);
    claims->debited++;
    return slot;
}

void claim_end(struct claims *claims, uint32_t slot, uint32_t *agent_head, uint8_t load[MEDIA_KINDS],
               uint32_t *interaction_head)
{
    struct claim *claim = claim_at(claims, slot);
    assert(claim->timer == 0 && load[claim->medium] > 0);
    load[claim->medium]--;
    lookup_remove(&claims->by_id, claim->id);
    uint32_t *at = agent_head;
    for (; *at != slot; at = &claims->all[*at].next_of_agent) assert(*at < claims->count);
    *at = claim->next_of_agent;
    at = interaction_head;
    for (; *at != slot; at = &claims->all[*at].next_of_interaction) assert(*at < claims->count);
    *at = claim->next_of_interaction;
    *claim = (struct claim){.state = CLAIM_OVER, .next_of_agent = claims->free};
    claims->free = slot;
    claims->credited++;
    assert(claims->credited <= claims->debited);
}

bool claim_is_given(const struct claim *claim)
{
    if (claim->move != move_other) return false; /* a person asks */
    return claim->routed_by_us || claim->state == CLAIM_RESERVED || claim->state == CLAIM_INVITED;
}

bool claim_looks_on(const struct claim *claim)
{
    return claim->move == move_Monitor || claim->move == move_Consult;
}

void claims_given(const struct claims *claims, uint32_t first, uint8_t given[MEDIA_KINDS])
{
    for (unsigned medium = 0; medium < MEDIA_KINDS; medium++) given[medium] = 0;
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

static void part_init(struct core *core)
{
    claims_init(core->claims, core->options.partition);
}

static void part_free(struct core *core)
{
    claims_free(core->claims);
}

static uint64_t hash(const struct core *core)
{
    return core->claims->debited * 3 + core->claims->credited;
}

const struct part_ops part_ops_claims = {
    .size = sizeof(struct claims),
    .init = part_init,
    .free = part_free,
    .hash = hash,
};
