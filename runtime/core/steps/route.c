/* runtime/core/steps/route.c - The last steps of a strategy: routing to an agent or a destination, and hanging up.
 * route_claim.c has what all kinds of routing share; cross.c and deliver.c call it, and this file calls them.
 *
 * The usual events are RouteCall > RouteUsed > Ringing > Established; this file handles every case in which they may
 * fail. `route_phase` of the interaction says how far its step is:
 *
 *     IDLE --> ASKED --> OUT --> done: the agent has the call
 *                |        |
 *                |        +--> PULLING --> fails: the call is at the routing point again
 *                +--> done: a queue or a DN has the call; or fails: the switch has refused to route it
 *
 *     ASKED     RequestRouteCall is out; EventRouteUsed tells that the call has left the routing point
 *     OUT       the call is on its way to the claimed agent, who has until the step's time is over
 *     PULLING   the agent did not answer, so the call is to come back, by our request or by the switch itself
 *
 * A claim ends with each failure (route_fails), so that the strategy can choose again at once. STOPPING is the phase
 * of stop and reject, which end the call; DEFAULTING that of a call that goes to its default destination
 * (run/activation.c). */
#include "vm/steps.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/queues/exclude.h"
#include "runtime/core/run/activation.h"
#include "runtime/core/run/follow_up.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place.h"
#include "runtime/core/site/place_claim.h"
#include "runtime/core/site/program.h"
#include "runtime/core/steps/cross.h"
#include "runtime/core/steps/invite.h"
#include "runtime/core/steps/ring.h"
#include "runtime/core/steps/route.h"
#include "runtime/core/steps/route_place.h"
#include "runtime/core/steps/select.h"
#include "runtime/core/steps/target.h"

#include <assert.h>

#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/rows.h"
#include "base/utf8.h"

enum {
    WHISPER_MAX = 256, /* most bytes of a whisper */
    PULL_BACK_US = 5000000,
    OUT_DEAD_US = 60000000, /* longest time for which an agent is not chosen whose destination fails again and again */
};

/* Returns the name of a DN; the switch decides whether such a DN exists. */
static uint32_t number_named(struct core *core, const struct interaction *ix, uint64_t word)
{
    const struct block *block = block_at(core->slab, ix->block);
    char inlined[8];
    struct text text = block_text(block_image(core->slab, block), block, word, inlined);
    return names_pass(core->names, (struct span){(const uint8_t *)text.bytes, text.length});
}

/* True: another call rings or talks at the agent's place, since before the agent logged in there. The agent is then
 * chosen no more for a while, as if the switch had said that the telephone is busy. An agent at that very telephone has
 * a claim for its call (media/voice_place.c), so this is about another telephone of the place, or another link. */
static bool route_line_is_taken(struct core *core, const struct interaction *ix, const struct line *line,
                                uint32_t claim)
{
    if (core->place_claims->by_place.count == 0) return false;
    if (!line || !place_claim_is_others(core->place_claims, ix, places_of_dn(&core->directory->places, line->dn)))
        return false;
    session_out(core->sessions, claim, SESSION_BUSY_US, SESSION_BUSY_US);
    return true;
}

/* Finds the DN to which the call must go, and the claim on the agent there, if the target is an agent. The claim may
 * exist even if the step fails: the caller ends it. */
static struct step_outcome route_destination(struct core *core, struct interaction *ix, uint16_t type, uint64_t word,
                                             uint32_t ref, uint32_t *claim, uint32_t *dn)
{
    uint32_t queue = route_queue(core, ix, type, word);
    struct step_outcome outcome = route_claim(core, ix, type, word, claim);
    *dn = 0;
    if (queue != 0)
        *dn = core_directory_queue_dn(core->directory, queue);
    else if (type == TYPE_PLACE && *claim == CLAIM_NONE) /* without an agent the first DN of the place rings */
        *dn = places_first_dn(&core->directory->places, strategy_name(core->strategies, ix, word));
    else if (type == TYPE_DN)
        *dn = strategy_name(core->strategies, ix, word);
    else if (type == TYPE_STR)
        *dn = number_named(core, ix, word);
    if (outcome.status == STEP_FAILS) return outcome;
    if (*claim != CLAIM_NONE) {
        const struct line *line = route_line(core, ix, claim_at(core->claims, *claim)->agent);
        if (route_line_is_taken(core, ix, line, *claim)) return step_fails(code_busy);
        bool crosses = line && ix->leg && !ix->submitted && line->source != ix->link;
        *dn = crosses ? cross_begin(core, ix, line) : line ? line->dn : 0;
        if (crosses && *dn == 0) return step_fails(code_busy);
    } else if (queue == 0) {
        outcome = route_place_claim(core, ix, type, word, ref, dn);
        if (outcome.status == STEP_FAILS) return outcome;
    }
    return *dn == 0 ? step_fails(code_invalid_destination) : step_waits();
}

/* True: the whisper fits. True: the whisper is not too long; a longer text would be cut in the middle. */
static bool whisper_is_short(const struct core *core, const struct interaction *ix)
{
    uint64_t word;
    uint16_t type;
    if (!vm_arg(core->slab, block_at(core->slab, ix->block), 0, PARAMETER_route_whisper, &word, &type)) return true;
    return type_base(type) != TYPE_STR || value_text_length(word) <= WHISPER_MAX;
}

/* Claims the target and sends the call there. An interaction without a call is offered to the agent instead
 * (deliver.c). */
static struct step_outcome route_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    const struct slab *slab = core->slab;
    uint64_t word;
    uint16_t type;
    uint32_t claim, dn;
    assert(fiber == 0); /* the verifier allows routing only in the strategy's own fiber */
    /* The phase is reset also if the call was sent before and cannot be sent again. */
    ix->route_phase = ROUTE_IDLE;
    if (ix->submitted) return deliver_begin(core, ix, ref);
    if (!ix->leg || ix->gone) return step_fails(code_gone);
    if (!link_usable(core->links, ix->link)) return step_fails(code_link_down);
    if (!vm_arg(slab, block_at(slab, ix->block), fiber, PARAMETER_route_target, &word, &type) ||
        value_is_none(type, word))
        return step_fails(code_invalid_destination);
    if (!follow_up_is_small(core, ix)) return step_fails(code_too_large);
    struct step_outcome outcome = route_destination(core, ix, type_base(type), word, ref, &claim, &dn);
    if (outcome.status != STEP_FAILS && !whisper_is_short(core, ix)) outcome = step_fails(code_too_large);
    if (outcome.status == STEP_FAILS) {
        if (claim != CLAIM_NONE) session_release(core->sessions, claim, false);
        /* agents who ring along may have claims, also if the call was sent before */
        route_abandon_claim(core, ix, false);
        return outcome;
    }
    route_send(core, ix, dn, claim, ref);
    return step_waits();
}

/* Called when the call has left the routing point. If the call goes to an agent, or to a place whose answer is awaited,
 * it rings there from now on. If the call goes to a queue or a DN, the step ends. */
void route_relieved(struct core *core, struct interaction *ix)
{
    assert(ix->running && ix->route_phase == ROUTE_ASKED);
    route_settle(core, ix);
    if (route_claimed(core, ix) != CLAIM_NONE || route_place_awaits(core, ix)) {
        ix->route_phase = ROUTE_OUT;
        uint64_t awaited_us = cross_awaited_us(core, ix);
        step_timer(core, ix, 0, awaited_us != 0 ? awaited_us : route_answer_us(core, ix));
        return;
    }
    if (ix->submitted) { /* the claim was released meanwhile, so the agent does not get the interaction */
        ix->route_phase = ROUTE_IDLE;
        strategy_step_failed(core, ix, 0, code_out_of_service);
        return;
    }
    /* A queue or a DN has the call as soon as it has left the routing point. */
    uint64_t word = 0;
    uint16_t type = TYPE_DN;
    vm_arg(core->slab, block_at(core->slab, ix->block), 0, PARAMETER_route_target, &word, &type);
    uint32_t name = route_queue(core, ix, type_base(type), word);
    bool queue = name != 0;
    route_place_answered(core, ix, ix->route_to);
    uint32_t owner = queue ? name : ix->route_to;
    select_leave(core, ix, VISIT_CLEARED);
    interaction_tell(core->interactions, ix, FACT_routed, 0, 0);
    ix->outcome = queue ? ENDED_QUEUED : ENDED_ROUTED;
    follow_up_keep(core, ix);
    interaction_own(core->interactions, ix, queue ? IX_QUEUED : IX_OBSERVED, queue ? OWNER_QUEUE : OWNER_DEVICE, owner);
    strategy_step_done(core, ix, 0, 0);
}

void route_happened(struct core *core, struct interaction *ix, uint32_t to)
{
    select_distributed(core, ix, 0);
    route_place_answered(core, ix, to);
    if (ix->outcome != ENDED_ROUTED) interaction_tell(core->interactions, ix, FACT_routed, 0, 0);
    ix->outcome = ENDED_ROUTED;
    follow_up_keep(core, ix);
    activation_drop(core, ix, ENDED_ROUTED);
    interaction_own(core->interactions, ix, IX_OBSERVED, OWNER_DEVICE, to);
}

/* Notes that the agent did not take the call, so that this agent is not chosen again at once. */
static void passed_over(struct core *core, struct interaction *ix)
{
    uint32_t claim = route_claimed(core, ix);
    bool together = claim != CLAIM_NONE && claim_at(core->claims, claim)->rings != RINGS_ALONE;
    /* an agent whose telephone rang together with others stays ready */
    if (together && ix->route_code == code_no_answer) {
        for (uint32_t at = ix->claims; at != CLAIM_NONE; at = claim_at(core->claims, at)->next_of_interaction)
            if (claim_at(core->claims, at)->routed_by_us && claim_at(core->claims, at)->state < CLAIM_ACTIVE)
                ring_missed(core, ix, at);
        return;
    }
    if (claim != CLAIM_NONE && ix->route_code == code_no_answer)
        session_unanswered(core->sessions, claim);
    else if (claim != CLAIM_NONE)
        session_out(core->sessions, claim, SESSION_BUSY_US, SESSION_BUSY_US);
    if (claim != CLAIM_NONE && ix->route_code == code_no_answer)
        session_tell_claim(core->sessions, claim, FACT_offer_unanswered, 0);
    if (claim != CLAIM_NONE && ix->route_code == code_rejected)
        session_tell_claim(core->sessions, claim, FACT_offer_refused, 0);
}

/* The switch has refused to route the call or to pull it back: the step fails, or waits for the call. */
static void route_refused(struct core *core, struct interaction *ix, unsigned code)
{
    if (!ix->running || ix->route_phase == ROUTE_IDLE || ix->route_phase == ROUTE_DEFAULTING) return;
    route_settle(core, ix);
    timer_cancel(core->timers, &ix->timer[0]);
    bool here = ix->route_phase == ROUTE_ASKED && code != code_timeout;
    if (cross_failed(core, ix, here ? code : code_timeout, here)) return;
    bool several = ring_is_of_several(core, ix);
    if (route_claimed(core, ix) != CLAIM_NONE && ix->route_phase == ROUTE_ASKED) {
        bool dead = code == code_invalid_destination || code == code_out_of_service || code == code_invalid_dn;
        for (uint32_t at = ix->claims; at != CLAIM_NONE; at = claim_at(core->claims, at)->next_of_interaction)
            if (claim_at(core->claims, at)->routed_by_us && claim_at(core->claims, at)->state < CLAIM_ACTIVE)
                session_out(core->sessions, at, SESSION_BUSY_US, dead && !several ? OUT_DEAD_US : SESSION_BUSY_US);
    } else if (ix->route_phase == ROUTE_PULLING && code == code_invalid_state && route_place_awaits(core, ix)) {
        route_established(core, ix, AGENT_NONE); /* the place does not ring any more: somebody has answered */
        return;
    } else if (ix->route_phase == ROUTE_PULLING) {
        passed_over(core, ix); /* the agent is noted as passed over, since the call may still ring there */
    }
    route_fails(core, ix, ix->route_phase == ROUTE_PULLING ? ix->route_code : code);
}

void route_unanswered(struct core *core, struct interaction *ix, unsigned code)
{
    if (ix->route_phase != ROUTE_OUT) return;
    timer_cancel(core->timers, &ix->timer[0]);
    ix->route_phase = ROUTE_PULLING;
    ix->route_code = (uint16_t)code;
    unsigned link = ix->link;
    uint64_t conn = 0;
    uint32_t dn = ix->route_to;
    (void)cross_pulls(core, ix, &link, &conn, &dn);
    if (!link_can(core->links, link, CAP_PULL_BACK)) {
        effect_await(core->effects, ix, KIND_RequestCallControl, ++ix->ref, link, 0, PULL_BACK_US);
        return; /* the switch brings the call back by itself */
    }
    uint32_t ref = effect_begin(core->effects, &(struct effect){.kind = KIND_RequestCallControl,
                                                                .link = link,
                                                                .interaction = ix,
                                                                .conn = conn,
                                                                .timeout_us = PULL_BACK_US});
    writer_u(&core->effects->writer, RequestCallControl_op, call_op_pull_back);
    writer_bytes(&core->effects->writer, RequestCallControl_dn, core_name(core, dn));
    writer_u(&core->effects->writer, RequestCallControl_cause, code == code_busy ? cause_busy : cause_no_answer);
    effect_end(core->effects);
    effect_await(core->effects, ix, KIND_RequestCallControl, ref, link, 0, PULL_BACK_US);
    interaction_tell(core->interactions, ix, FACT_call_controlled, call_op_pull_back, dn);
}

/* The telephone rings no more, since the call is at its routing point again. Ends the agent's earlier talk on another
 * leg of this call, or the claim that the agent got because the telephone rang: that agent had logged in meanwhile. */
static void route_party_returns(struct core *core, struct interaction *ix, uint32_t dn)
{
    uint64_t rang = table_text_hash(core->names, core_name(core, dn));
    const struct party *party = interaction_party(core->interactions, ix, rang);
    uint32_t agent = party ? party->agent : AGENT_NONE;
    interaction_party_remove(core->interactions, ix, rang);
    if (agent == AGENT_NONE || session_talk_over(core->sessions, ix, agent)) return;
    uint32_t claim = session_claim_of(core->claims, ix, agent);
    if (claim != CLAIM_NONE && !claim_at(core->claims, claim)->routed_by_us &&
        claim_at(core->claims, claim)->state == CLAIM_CONFIRMED)
        session_release(core->sessions, claim, false);
}

void route_returned(struct core *core, struct interaction *ix)
{
    const struct place_claims *places = core->place_claims;
    assert(ix->route_phase == ROUTE_OUT || ix->route_phase == ROUTE_PULLING);
    route_settle(core, ix);
    timer_cancel(core->timers, &ix->timer[0]);
    ring_parties_leave(core, ix);
    for (uint32_t at = place_claim_rings(places, ix); at != PLACE_CLAIM_NONE; at = place_claim_rings_after(places, at))
        route_party_returns(core, ix, places->all[at].dn);
    route_party_returns(core, ix, ix->route_to);
    if (cross_failed(core, ix, code_timeout, true)) return;
    passed_over(core, ix);
    route_fails(core, ix, ix->route_code);
}

/* Returns the cause for a SIP status with which a call is refused. */
static enum cause route_refusal(int64_t sip)
{
    switch (sip) {
    case 404:
    case 484:
        return cause_invalid_number;
    case 408:
    case 480:
        return cause_no_answer;
    case 486:
    case 600:
        return cause_busy;
    default:
        return cause_refused;
    }
}

enum { SIP_LEAST = 300, SIP_MOST = 699, SIP_DECLINED = 603 };

/* Writes why the call is ended: for a reject the SIP status, for a stop the strategy's own words. */
static void put_reason(struct core *core, struct interaction *ix, uint8_t fiber, enum call_op op)
{
    assert(op == call_op_reject || op == call_op_disconnect);
    const struct block *block = block_at(core->slab, ix->block);
    struct writer *writer = &core->effects->writer;
    uint64_t word;
    uint16_t type;
    char shown[24], inlined[8];
    if (op == call_op_reject) {
        if (!vm_arg(core->slab, block, fiber, PARAMETER_reject_code, &word, &type)) return;
        if ((int64_t)word < SIP_LEAST || (int64_t)word > SIP_MOST)
            word = SIP_DECLINED; /* the computed status is not one of a refusal */
        writer_u(writer, RequestCallControl_cause, route_refusal((int64_t)word));
        uint32_t length = vm_show(core->vm, block, block_image(core->slab, block), type, word, shown, sizeof shown);
        writer_bytes(writer, RequestCallControl_why, (struct span){(const uint8_t *)shown, length});
    } else if (vm_arg(core->slab, block, fiber, PARAMETER_stop_why, &word, &type)) {
        struct text why = block_text(block_image(core->slab, block), block, word, inlined);
        writer_bytes(writer, RequestCallControl_why,
                     (struct span){(const uint8_t *)why.bytes, utf8_cut(why.bytes, why.length, TEXT_MAX_BYTES)});
    }
}

/* Reports the words of a stop to the watcher of tests; without a call no event contains them. */
static void tell_stop(struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    uint16_t type;
    char inlined[8];
    if (!core->options.ending || !vm_arg(core->slab, block, fiber, PARAMETER_stop_why, &word, &type)) return;
    struct text why = block_text(block_image(core->slab, block), block, word, inlined);
    uint32_t length = utf8_cut(why.bytes, why.length, TEXT_MAX_BYTES);
    core->options.ending(core->options.self, ix->id, (struct span){(const uint8_t *)why.bytes, length});
}

/* Ends the call by the given operation; the step is done when the switch has answered, or at once if there is no
 * call any more. */
static struct step_outcome end_call(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref,
                                    enum call_op op)
{
    assert(fiber == 0);
    ix->outcome = ix->gone ? ix->outcome : ENDED_STOPPED;
    if (op == call_op_disconnect && !ix->gone) tell_stop(core, ix, fiber);
    if (ix->submitted && ix->leg && !ix->gone) {
        core->media[ix->media]->close(core, ix, cause_ok);
        return step_done(0);
    }
    if (!ix->leg || ix->gone || !link_usable(core->links, ix->link)) return step_done(0);
    ref = effect_begin(core->effects, &(struct effect){.kind = KIND_RequestCallControl,
                                                       .link = ix->link,
                                                       .interaction = ix,
                                                       .ref = ref,
                                                       .timeout_us = ROUTE_USED_US});
    writer_u(&core->effects->writer, RequestCallControl_op, op);
    writer_bytes(&core->effects->writer, RequestCallControl_dn, core_name(core, ix->dn));
    put_reason(core, ix, fiber, op);
    effect_end(core->effects);
    interaction_treatment(core->interactions, ix, 0);
    ix->route_phase = ROUTE_STOPPING;
    effect_await(core->effects, ix, KIND_RequestCallControl, ref, ix->link, fiber, ROUTE_USED_US);
    interaction_tell(core->interactions, ix, FACT_call_controlled, op, ix->dn);
    return step_waits();
}

/* Excludes an agent, however the step names it, or a queue. Targets that are no agent and no queue cannot be
 * excluded. */
static struct step_outcome exclude_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    uint64_t word, lasts;
    uint32_t agent, claim;
    uint16_t type, ignored;
    if (!vm_arg(slab, block, fiber, PARAMETER_exclude_who, &word, &type) || value_is_none(type, word) ||
        !vm_arg(slab, block, fiber, PARAMETER_exclude_duration, &lasts, &ignored))
        return step_done(0);
    bool ends = (int64_t)lasts <= 0;
    uint32_t queue = route_queue(core, ix, type_base(type), word);
    if (type_base(type) == TYPE_AGENT && word > 0 && word <= core->agents->count)
        agent = (uint32_t)(word - 1);
    else if (queue != 0 || type_base(type) != TYPE_TARGET || !target_is_claim(word, &agent, &claim))
        agent = AGENT_NONE;
    if (queue != 0 && ends)
        exclude_end(core->excludes, ix, TYPE_QUEUE, queue);
    else if (queue != 0)
        exclude_add(core->excludes, ix, TYPE_QUEUE, queue, lasts);
    else if (agent != AGENT_NONE && ends)
        exclude_end(core->excludes, ix, TYPE_AGENT, agent + UINT64_C(1));
    else if (agent != AGENT_NONE)
        invite_exclude(core, ix, agent, lasts);
    return step_done(0);
}

static struct step_outcome stop_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    return end_call(core, ix, fiber, ref, call_op_disconnect);
}

static struct step_outcome reject_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    return end_call(core, ix, fiber, ref, call_op_reject);
}

static void route_cancel(struct core *core, struct interaction *ix, uint8_t fiber)
{
    (void)fiber;
    invite_withdraw(core, ix); /* an agent may be asked about the submitted interaction just now */
    if (ix->leg) cross_cancel(core, ix);
    ix->route_phase = ROUTE_IDLE;
    route_abandon_claim(core, ix, false);
}

static void route_late(struct core *core, struct interaction *ix, uint8_t fiber)
{
    (void)fiber;
    route_unanswered(core, ix, code_no_answer);
}

/* Takes the answer to the request to route or to pull back. Success means accepted: EventRouteUsed ends a route,
 * EventRouteRequest a pull-back. */
static void route_answered(struct core *core, struct interaction *ix, const struct pending *pending,
                           const struct message *message)
{
    unsigned code = effect_code_of(message);
    if (code != code_ok)
        route_refused(core, ix, code);
    else if (pending->kind == KIND_RequestCallControl && ix->route_phase == ROUTE_STOPPING)
        strategy_step_done(core, ix, pending->fiber, 0);
}

static void route_lapsed(struct core *core, struct interaction *ix, const struct pending *pending)
{
    effect_cancel(core->effects, ix, pending->ref, true);
    route_refused(core, ix, code_timeout);
}

const struct step_ops step_ops_route = {.begin = route_begin,
                                        .cancel = route_cancel,
                                        .timed_out = route_late,
                                        .answered = route_answered,
                                        .lapsed = route_lapsed,
                                        .again = KIND_RequestRouteCall};
const struct step_ops step_ops_stop = {.begin = stop_begin,
                                       .cancel = route_cancel,
                                       .answered = route_answered,
                                       .lapsed = route_lapsed,
                                       .again = KIND_RequestCallControl};
const struct step_ops step_ops_reject = {.begin = reject_begin,
                                         .cancel = route_cancel,
                                         .answered = route_answered,
                                         .lapsed = route_lapsed,
                                         .again = KIND_RequestCallControl};
const struct step_ops step_ops_exclude = {.begin = exclude_begin};
