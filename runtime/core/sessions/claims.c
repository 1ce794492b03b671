/* runtime/core/sessions/claims.c - Claims agents for interactions, and ends the claims. */
#include "runtime/core/sessions/session.h"

#include <assert.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/sessions/status.h"
#include "runtime/core/site/place.h"

static struct fact fact_of(const struct core *core, uint32_t slot, unsigned what, unsigned value)
{
    const struct claim *claim = claim_at(core->claims, slot);
    struct fact fact = {
        .what = (uint16_t)what,
        .value = (uint16_t)value,
        .name = agent_at(core->agents, claim->agent)->name,
        .ixn = interaction_at(core->interactions, claim->interaction)->id,
    };
    fact.claim = claim->id;
    fact.took_us = 0;
    fact.whose = claim->agent;
    fact.vq = claim->vq;
    return fact;
}

void session_tell_claim(struct core *core, uint32_t claim, unsigned what, unsigned value)
{
    struct fact fact = fact_of(core, claim, what, value);
    fact_tell(core->facts, &fact);
}

void session_claim_deadline(struct core *core, uint32_t claim, uint64_t deadline_us)
{
    struct claim *made = claim_at(core->claims, claim);
    timer_cancel(core->timers, &made->timer);
    if (deadline_us == 0) return;
    timer_set(core->timers,
              &(struct timer){.deadline_us = core->now->time_us + deadline_us, .kind = TIMER_CLAIM, .data = claim});
}

uint32_t session_claim(struct core *core, uint32_t agent, struct interaction *ix, uint64_t deadline_us)
{
    struct agent *who = agent_at(core->agents, agent);
    assert(ix->state != IX_FREE && !interaction_has_ended(ix));
    enum media medium = core->media[ix->media]->capacity(ix);
    if (who->claimed == UINT16_MAX) return CLAIM_NONE;
    uint32_t claim = claim_make(core->claims, agent, &who->claims, who->load, medium, ix->slot, &ix->claims);
    if (claim == CLAIM_NONE) return CLAIM_NONE;
    agent_refer(core->agents, agent);
    agent_set_claimed(core->agents, agent, (uint16_t)(who->claimed + 1));
    claim_at(core->claims, claim)->made_us = core->now->time_us;
    session_tell_claim(core, claim, FACT_claimed, CLAIM_RESERVED);
    agent_settle(core->agents, agent, core->now->time_us, false);
    if (who->listed)
        agent_settle(core->agents, agent, core->now->time_us, true); /* it can take more, after the others */
    session_claim_deadline(core, claim, deadline_us);
    return claim;
}

void session_answered(struct core *core, uint32_t slot)
{
    struct claim *claim = claim_at(core->claims, slot);
    session_claim_deadline(core, slot, 0);
    if (claim->state == CLAIM_ACTIVE) return;
    claim->state = CLAIM_ACTIVE;
    claim->answered_us = core->now->time_us;
    struct fact fact = fact_of(core, slot, FACT_offer_answered, CLAIM_ACTIVE);
    fact.took_us = core->now->time_us - claim->made_us;
    fact_tell(core->facts, &fact);
}

static void tell_over(struct core *core, uint32_t slot)
{
    const struct claim *claim = claim_at(core->claims, slot);
    if (claim->state == CLAIM_ACTIVE) {
        struct fact fact = fact_of(core, slot, FACT_served, CLAIM_ACTIVE);
        fact.took_us = core->now->time_us - claim->answered_us;
        fact_tell(core->facts, &fact);
    }
    session_tell_claim(core, slot, FACT_claim_over, claim->state);
}

void session_release(struct core *core, uint32_t claim, bool served)
{
    struct claim *made = claim_at(core->claims, claim);
    uint32_t agent = made->agent;
    struct agent *who = agent_at(core->agents, agent);
    struct interaction *ix = interaction_at(core->interactions, made->interaction);
    enum media medium = (enum media)made->medium;
    assert(who->claimed > 0 && core->agents->claimed > 0);
    assert(ix->state != IX_FREE && !interaction_has_ended(ix));
    tell_over(core, claim);
    parts_claim_ends(core->parts, claim); /* first: the parts still need the claim's row */
    timer_cancel(core->timers, &made->timer);
    claim_end(core->claims, claim, &who->claims, who->load, &ix->claims);
    interaction_touch(core->interactions, ix);
    if (who->ixn == ix->id) who->ixn = 0;
    agent_set_claimed(core->agents, agent, (uint16_t)(who->claimed - 1));
    status_afterwards(core, agent, medium);
    status_afterwards(core, agent, media_none);
    places_agent_capacity(core->directory, agent); /* a tighter rule may have waited for this end */
    agent_settle(core->agents, agent, core->now->time_us, served);
}

static void claim_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    struct claim *claim = claim_at(core->claims, timer->data);
    assert(timer->kind == TIMER_CLAIM && claim->timer == 0);
    if (interaction_held(core->forks, interaction_at(core->interactions, claim->interaction)))
        timer_freeze(core->timers, timer); /* the resync will tell what became of the call */
    else if (!parts_claim_lapsed(core->parts, timer->data))
        session_release(core, timer->data, false);
}

static uint32_t *claim_handle(void *self, const struct timer *timer)
{
    struct core *core = self;
    return &claim_at(core->claims, timer->data)->timer;
}

static uint64_t claim_number(const void *self, const struct timer *timer)
{
    const struct core *core = self;
    return claim_at(core->claims, timer->data)->id & ((UINT64_C(1) << 48) - 1);
}

const struct timer_ops timer_ops_claim = {claim_handle, claim_number, claim_fired};

uint32_t session_claim_of(const struct core *core, const struct interaction *ix, uint32_t agent)
{
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_interaction)
        if (core->claims->all[at].agent == agent) return at;
    return CLAIM_NONE;
}
