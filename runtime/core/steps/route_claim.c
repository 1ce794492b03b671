/* runtime/core/steps/route_claim.c - What all kinds of routing share: the claim on the agent, the request to the
 * link, and how a route ends. route.c, deliver.c and cross.c call this file. */
#include "runtime/core/steps/route.h"

#include <assert.h>

#include "vm/steps.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/exclude.h"
#include "runtime/core/queues/reach.h"
#include "runtime/core/run/activation.h"
#include "runtime/core/run/follow_up.h"
#include "runtime/core/run/reply.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/run/tries.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/place.h"
#include "runtime/core/site/place_claim.h"
#include "runtime/core/site/program.h"
#include "runtime/core/steps/ring.h"
#include "runtime/core/steps/route_place.h"
#include "runtime/core/steps/select.h"
#include "runtime/core/steps/target.h"
#include "runtime/vocabulary/effects_call.h"

enum { ROUTE_ANSWER_US = 20000000 };

/* Returns the claim on the agent to whom the call is on its way. */
uint32_t route_claimed(const struct core *core, const struct interaction *ix)
{
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_interaction)
        if (core->claims->all[at].routed_by_us && core->claims->all[at].state < CLAIM_ACTIVE) return at;
    return CLAIM_NONE;
}

void route_abandon_claim(struct core *core, struct interaction *ix, bool served)
{
    uint32_t claim;
    while ((claim = route_claimed(core, ix)) != CLAIM_NONE) session_release(core->sessions, claim, served);
    ring_forgets(core, ix);
    route_place_abandon(core, ix);
}

/* Returns the agent's line: for a call, the line by which its switch reaches the agent; for other media, the line
 * where the agent is logged in for the medium. NULL: the agent cannot be reached from the call's switch. */
const struct line *route_line(const struct core *core, const struct interaction *ix, uint32_t agent)
{
    assert(agent < core->agents->count);
    enum media medium = core->media[ix->media]->capacity(ix);
    if (!ix->leg || medium != media_voice) return line_for_agent(core->agents, agent, medium);
    return reach_line(core->agents, core->accesses, agent, ix->link);
}

/* True: the agent is logged in, but calls cannot get from this switch to any line of the agent. */
bool route_elsewhere(const struct core *core, const struct interaction *ix, uint32_t agent)
{
    return agent_at(core->agents, agent)->lines != LINE_NONE && !route_line(core, ix, agent);
}

/* Claims an agent whom the strategy names, if the agent is free. An agent who is already claimed for this
 * interaction keeps that claim. `word` is the agent's slot plus 1, since 0 is no agent. */
static struct step_outcome claim_agent(struct core *core, struct interaction *ix, uint64_t word, uint32_t *claim)
{
    if (word == 0 || word > core->agents->count) return step_fails(code_invalid_destination);
    const struct agent *who = agent_at(core->agents, (uint32_t)(word - 1));
    if (!agent_reachable_for(who, core->media[ix->media]->capacity(ix))) return step_fails(code_out_of_service);
    *claim = session_claim_of(core->claims, ix, (uint32_t)(word - 1));
    if (*claim != CLAIM_NONE) return step_waits();
    if (!route_line(core, ix, (uint32_t)(word - 1))) return step_fails(code_invalid_destination);
    if (!agent_takes(who, core->media[ix->media]->capacity(ix))) return step_fails(code_busy);
    *claim = session_claim(core->sessions, (uint32_t)(word - 1), ix, 0);
    return step_waits();
}

/* Finds the claim that belongs to a target; it may have ended meanwhile. A target names agent and claim, and the
 * claim is compared by the lower half of its id: a later claim on the same agent is a different one. */
static struct step_outcome claim_target(struct core *core, struct interaction *ix, uint32_t agent, uint32_t number,
                                        uint32_t *claim)
{
    *claim = ix->claims;
    while (*claim != CLAIM_NONE &&
           (claim_at(core->claims, *claim)->agent != agent || (uint32_t)claim_at(core->claims, *claim)->id != number))
        *claim = claim_at(core->claims, *claim)->next_of_interaction;
    if (*claim == CLAIM_NONE) return step_fails(code_busy);
    const struct agent *who = agent_at(core->agents, agent);
    if (!agent_reachable_for(who, core->media[ix->media]->capacity(ix))) return step_fails(code_out_of_service);
    return step_waits();
}

uint32_t route_queue(const struct core *core, const struct interaction *ix, uint16_t type, uint64_t word)
{
    uint32_t queue;
    if (type == TYPE_QUEUE) return strategy_name(core->strategies, ix, word);
    return type == TYPE_TARGET && target_is_queue(word, &queue) ? queue : 0;
}

/* Claims the agent of a destination. STEP_WAITS without a claim: the destination is no agent, and none needs to be
 * claimed. */
struct step_outcome route_claim(struct core *core, struct interaction *ix, uint16_t type, uint64_t word,
                                uint32_t *claim)
{
    uint32_t agent, number;
    *claim = CLAIM_NONE;
    if (type == TYPE_AGENT) return claim_agent(core, ix, word, claim);
    if (type == TYPE_TARGET && target_is_claim(word, &agent, &number))
        return claim_target(core, ix, agent, number, claim);
    if (type != TYPE_PLACE) return step_waits();
    agent = places_agent(core->directory, ix->link,
                         strategy_name(core->strategies, ix, word)); /* the agent who is logged in at the place */
    return agent != AGENT_NONE ? claim_agent(core, ix, agent + UINT64_C(1), claim) : step_waits();
}

/* Sends the call on its way: ROUTE_ASKED. If the route fails, its code is code_no_answer unless the switch reports a
 * better one. */
void route_send(struct core *core, struct interaction *ix, uint32_t dn, uint32_t claim, uint32_t ref)
{
    assert(claim == CLAIM_NONE || claim_at(core->claims, claim)->interaction == ix->slot);
    ref = core->media[ix->media]->offer(core, ix, dn, claim, ref, ROUTE_USED_US);
    interaction_treatment(core->interactions, ix, 0); /* the routing ends the treatment that plays */
    ix->instructed = true;
    ix->route_phase = ROUTE_ASKED;
    ix->route_to = NAME_OF(dn);
    ix->route_code = code_no_answer;
    if (claim != CLAIM_NONE) {
        struct claim *made = claim_at(core->claims, claim);
        made->routed_by_us = true;
        made->state = CLAIM_ROUTED;
        session_claim_deadline(core->sessions, claim, 0); /* only the step's own timers count now */
    }
    effect_await(core->effects, ix, KIND_RequestRouteCall, ref, ix->link, 0, ROUTE_USED_US);
    interaction_tell(core->interactions, ix, FACT_route_asked, 0, dn);
    ring_sent(core, ix, claim);
}

/* Returns how long the destination may ring: as the strategy says, but not beyond the end of a block around the
 * step. */
uint64_t route_answer_us(struct core *core, struct interaction *ix)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    const struct image_wait *wait = vm_step(slab, block, 0);
    uint64_t word;
    uint16_t type;
    int64_t left_us = tries_left(core, ix, 0);
    if (!wait || !vm_operand(slab, block, 0, wait->answer, &word, &type) || (int64_t)word <= 0)
        return left_us > 0 ? (uint64_t)left_us : ROUTE_ANSWER_US;
    return fiber_part_until(core->forks, ix, 0) != 0 && (uint64_t)left_us < word ? (uint64_t)left_us : word;
}

void route_settle(struct core *core, struct interaction *ix)
{
    const struct pending *pending = effect_of_fiber(core->effects, ix, 0);
    if (pending) effect_settled(core->effects, ix, pending->ref);
}

/* The route has reached its destination. The queue is read from the claim before the claim may be released. */
void route_handed(struct core *core, struct interaction *ix, uint32_t agent)
{
    uint32_t claim = route_claimed(core, ix), taken = claim;
    if (taken == CLAIM_NONE && agent != AGENT_NONE) taken = session_claim_of(core->claims, ix, agent);
    uint32_t vq = taken == CLAIM_NONE ? 0 : claim_at(core->claims, taken)->vq;
    ring_won(core, ix, agent);
    route_place_answered(core, ix, agent == AGENT_NONE ? ix->route_to : 0);
    route_settle(core, ix);
    if (ix->submitted) submitted_take(core->submissions, ix);
    select_distributed(core, ix, vq);
    interaction_tell(core->interactions, ix, FACT_routed, 0, 0);
    ix->outcome = ENDED_ROUTED;
    follow_up_keep(core, ix);
    if (agent == AGENT_NONE)
        interaction_own(core->interactions, ix, IX_OBSERVED, OWNER_DEVICE, ix->route_to);
    else
        interaction_own(core->interactions, ix, IX_HANDLING, OWNER_AGENT, agent_at(core->agents, agent)->name);
}

void route_established(struct core *core, struct interaction *ix, uint32_t agent)
{
    route_handed(core, ix, agent);
    if (reply_await(core, ix))
        activation_over(core, ix);
    else
        strategy_step_done(core, ix, 0, 0);
}

/* Notes that a queue did not take the call, for strategies that ask whether a route has failed. */
static void note_failed(struct core *core, struct interaction *ix, unsigned code)
{
    uint64_t word;
    uint16_t type;
    if (code == code_link_down || ix->gone ||
        !vm_arg(core->slab, block_at(core->slab, ix->block), 0, PARAMETER_route_target, &word, &type))
        return;
    uint32_t queue = route_queue(core, ix, type_base(type), word);
    if (queue != 0) exclude_add(core->excludes, ix, ROUTE_FAILED, queue, UINT64_MAX);
}

void route_fails(struct core *core, struct interaction *ix, unsigned code)
{
    note_failed(core, ix, code);
    route_place_in_vain(core, ix);
    ix->route_phase = ROUTE_IDLE;
    route_abandon_claim(core, ix, false);
    strategy_step_failed(core, ix, 0, code);
}
