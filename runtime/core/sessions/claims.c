/* runtime/core/sessions/claims.c - Claims agents for interactions, and ends the claims.
 *
 *     session_claim(): reserved --> invited or routed --> session_answered(): active
 *                          |                |                        |
 *                          +---- deadline, refusal, end of the interaction ----> session_release()
 *
 * people/claim.c has the rows. This file changes the agent, the interaction and the timers, and reports the facts.
 * Each claim is released exactly once, and the agent's place in the ready list is updated after each change. */
#include "runtime/core/sessions/session.h"

#include <assert.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/sessions/status.h"
#include "runtime/core/site/place.h"

static struct fact fact_of(const struct sessions *sessions, uint32_t slot, unsigned what, unsigned value)
{
    const struct claim *claim = claim_at(sessions->claims, slot);
    struct fact fact = {
        .what = (uint16_t)what,
        .value = (uint16_t)value,
        .name = agent_at(sessions->agents, claim->agent)->name,
        .ixn = interaction_at(sessions->interactions, claim->interaction)->id,
    };
    fact.claim = claim->id;
    fact.took_us = 0;
    fact.whose = claim->agent;
    fact.vq = claim->vq;
    return fact;
}

void session_tell_claim(struct sessions *sessions, uint32_t claim, unsigned what, unsigned value)
{
    struct fact fact = fact_of(sessions, claim, what, value);
    fact_tell(sessions->facts, &fact);
}

void session_claim_deadline(struct sessions *sessions, uint32_t claim, uint64_t deadline_us)
{
    struct claim *made = claim_at(sessions->claims, claim);
    timer_cancel(sessions->timers, &made->timer);
    if (deadline_us == 0) return;
    timer_set(sessions->timers,
              &(struct timer){.deadline_us = sessions->now->time_us + deadline_us, .kind = TIMER_CLAIM, .data = claim});
}

/* Claims the agent. The first update of the ready list sees the agent with less room. If the agent can still take
 * more, the second update gives a new idle rank, after the other agents. */
uint32_t session_claim(struct sessions *sessions, uint32_t agent, struct interaction *ix, uint64_t deadline_us)
{
    struct agent *who = agent_at(sessions->agents, agent);
    assert(ix->state != IX_FREE && !interaction_has_ended(ix));
    enum media medium = sessions->media[ix->media]->capacity(ix);
    if (who->claimed == UINT16_MAX) return CLAIM_NONE;
    uint32_t claim = claim_make(sessions->claims, agent, &who->claims, &who->load, medium, ix->slot, &ix->claims);
    if (claim == CLAIM_NONE) return CLAIM_NONE;
    agent_refer(sessions->agents, agent);
    agent_set_claimed(sessions->agents, agent, (uint16_t)(who->claimed + 1));
    claim_at(sessions->claims, claim)->made_us = sessions->now->time_us;
    session_tell_claim(sessions, claim, FACT_claimed, CLAIM_RESERVED);
    agent_settle(sessions->agents, agent, sessions->now->time_us, false);
    if (who->listed)
        agent_settle(sessions->agents, agent, sessions->now->time_us, true); /* the agent can take more, and goes to
                                                                              * the end of the list */
    session_claim_deadline(sessions, claim, deadline_us);
    return claim;
}

/* The agent has the interaction. The deadline is removed: from now on only the end of the interaction, or of the
 * talk, ends the claim. */
void session_answered(struct sessions *sessions, uint32_t slot)
{
    struct claim *claim = claim_at(sessions->claims, slot);
    session_claim_deadline(sessions, slot, 0);
    if (claim->state == CLAIM_ACTIVE) return;
    claim->state = CLAIM_ACTIVE;
    claim->answered_us = sessions->now->time_us;
    struct fact fact = fact_of(sessions, slot, FACT_offer_answered, CLAIM_ACTIVE);
    fact.took_us = sessions->now->time_us - claim->made_us;
    fact_tell(sessions->facts, &fact);
}

static void tell_over(struct sessions *sessions, uint32_t slot)
{
    const struct claim *claim = claim_at(sessions->claims, slot);
    if (claim->state == CLAIM_ACTIVE) {
        struct fact fact = fact_of(sessions, slot, FACT_served, CLAIM_ACTIVE);
        fact.took_us = sessions->now->time_us - claim->answered_us;
        fact_tell(sessions->facts, &fact);
    }
    session_tell_claim(sessions, slot, FACT_claim_over, claim->state);
}

/* Ends a claim. The order matters: the facts and the parts still read the row; then the row is freed; then states
 * that were requested for "after this work" begin; the agent's place in the ready list is updated last. */
void session_release(struct sessions *sessions, uint32_t claim, bool served)
{
    struct claim *made = claim_at(sessions->claims, claim);
    uint32_t agent = made->agent;
    struct agent *who = agent_at(sessions->agents, agent);
    struct interaction *ix = interaction_at(sessions->interactions, made->interaction);
    enum media medium = (enum media)made->medium;
    assert(who->claimed > 0 && sessions->agents->claimed > 0);
    assert(ix->state != IX_FREE && !interaction_has_ended(ix));
    tell_over(sessions, claim);
    parts_claim_ends(sessions->rows, claim); /* the parts are told first, since they still read the claim's row */
    timer_cancel(sessions->timers, &made->timer);
    claim_end(sessions->claims, claim, &who->claims, &who->load, &ix->claims);
    interaction_touch(sessions->interactions, ix);
    if (who->ixn == ix->id) who->ixn = 0;
    agent_set_claimed(sessions->agents, agent, (uint16_t)(who->claimed - 1));
    status_afterwards(sessions, agent, medium);
    status_afterwards(sessions, agent, media_none);
    places_agent_capacity(sessions->directory, agent); /* a stricter capacity rule may come into force only now */
    agent_settle(sessions->agents, agent, sessions->now->time_us, served);
}

bool session_talk_over(struct sessions *sessions, const struct interaction *ix, uint32_t agent)
{
    bool any = false;
    for (uint32_t at = ix->claims, next; at != CLAIM_NONE; at = next) {
        const struct claim *claim = claim_at(sessions->claims, at);
        next = claim->next_of_interaction;
        if (claim->state != CLAIM_ACTIVE || (agent != AGENT_NONE && claim->agent != agent)) continue;
        session_release(sessions, at, true);
        any = true;
    }
    return any;
}

/* The time of a claim is over. A part may act instead of letting the claim end. While the link is held, the timer is
 * frozen. */
static void claim_fired(void *self, const struct timer *timer)
{
    struct sessions *sessions = self;
    struct claim *claim = claim_at(sessions->claims, timer->data);
    assert(timer->kind == TIMER_CLAIM && claim->timer == 0);
    if (interaction_held(sessions->forks, interaction_at(sessions->interactions, claim->interaction)))
        timer_freeze(sessions->timers, timer); /* the resync will show what happened to the call */
    else if (!parts_claim_lapsed(sessions->rows, timer->data))
        session_release(sessions, timer->data, false);
}

static uint32_t *claim_handle(void *self, const struct timer *timer)
{
    struct sessions *sessions = self;
    return &claim_at(sessions->claims, timer->data)->timer;
}

static uint64_t claim_number(const void *self, const struct timer *timer)
{
    const struct sessions *sessions = self;
    return claim_at(sessions->claims, timer->data)->id & ((UINT64_C(1) << 48) - 1);
}

/* An agent is asked. */
static bool claim_held(void *self, const struct timer *timer, uint64_t us)
{
    struct sessions *sessions = self;
    struct claim *claim = claim_at(sessions->claims, timer->data);
    if (claim->ref == 0) return false;
    claim->until_us += us;
    interaction_touch(sessions->interactions, interaction_at(sessions->interactions, claim->interaction));
    return true;
}

const struct timer_ops timer_ops_claim = {
    .handle = claim_handle, .number = claim_number, .fired = claim_fired, .held = claim_held};

uint32_t session_claim_of(const struct claims *claims, const struct interaction *ix, uint32_t agent)
{
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = claims->all[at].next_of_interaction)
        if (claims->all[at].agent == agent) return at;
    return CLAIM_NONE;
}
