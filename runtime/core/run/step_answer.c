/* runtime/core/run/step_answer.c - Answers to the effects that steps and requests await, their deadlines, and what
 * is sent again when a link comes back. */
#include <assert.h>

#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/run/activation.h"
#include "runtime/core/run/follow_up.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/session.h"
#include "runtime/vocabulary/effects_call.h"

static const struct step_ops no_step_ops = {.begin = NULL};

/* Returns the operations of the step that awaits the effect; `no_step_ops` for RouteDefault, which belongs to no
 * step. */
static const struct step_ops *ops_of_pending(const struct core *core, const struct interaction *ix,
                                             const struct pending *pending)
{
    return pending->kind != KIND_RouteDefault ? step_ops_of(core, ix, pending->fiber) : &no_step_ops;
}

/* The awaited effect was not answered in time: ends the wait for it. */
static void step_effect_lapsed(struct core *core, struct interaction *ix, const struct pending *pending)
{
    assert(pending->ref != 0);
    struct pending lapsed = *pending; /* a copy, since `pending` is cleared before its fields are last read */
    if (follow_up_is_awaited(core, ix, lapsed.ref)) {
        effect_cancel(core->effects, ix, lapsed.ref, true);
        if (follow_up_refused(core, ix, code_timeout)) strategy_default(core, ix, code_timeout);
        return;
    }
    const struct step_ops *ops = ops_of_pending(core, ix, &lapsed);
    if (ops->lapsed) {
        ops->lapsed(core, ix, &lapsed);
        return;
    }
    unsigned code = ix->running ? step_late_code(ops, core, ix, lapsed.fiber) : code_timeout;
    effect_cancel(core->effects, ix, lapsed.ref, true);
    if (ix->running) strategy_step_failed(core, ix, lapsed.fiber, code);
}

/* True: for each awaited effect a fiber waits at a step; otherwise nothing would continue when the answer comes. */
bool step_effects_sound(struct core *core, struct interaction *ix)
{
    const struct block *block = block_at(core->slab, ix->block);
    if (!ix->running) return true;
    for (unsigned part = 1; part < (ix->forked ? PARTS : 2); part++) {
        /* part 1 has the same effect as part 0 */
        const struct pending *pending = fiber_part_pending(core->forks, ix, part);
        if (pending->ref == 0 || pending->timer == 0 || follow_up_is_awaited(core, ix, pending->ref)) continue;
        if (step_of(core, ix, pending->fiber) == 0 && !vm_stands(core->slab, block, pending->fiber)) return false;
    }
    return true;
}

/* Takes the answer to an effect of the partition itself. */
static void request_done(struct core *core, const struct message *message)
{
    const struct request *request = effect_request(core->effects, message_u(message, ENVELOPE_ref));
    if (!request || request->pending.link != message_u(message, ENVELOPE_source)) return; /* late */
    if (request->pending.kind == KIND_SetAgentState) agent_at(core->agents, request->agent)->not_ready_ref = 0;
    effect_request_replies(core->effects, request, message);
    effect_request_settled(core->effects, request->pending.ref);
}

/* Takes the answer to an effect of an interaction. */
static void pending_done(struct core *core, struct interaction *ix, const struct pending *pending,
                         const struct message *message)
{
    const struct step_ops *ops = ops_of_pending(core, ix, pending);
    if (ops->answered) {
        ops->answered(core, ix, pending, message);
    } else if (pending->kind != KIND_RouteDefault) {
        effect_settled(core->effects, ix, pending->ref);
    } else if (effect_code_of(message) != code_ok) {
        activation_drop(core, ix, ENDED_FAILED);
        interaction_own(core->interactions, ix, IX_OBSERVED, OWNER_DEVICE, ix->dn);
    }
}

/* Takes an EventDone. A late answer is dropped silently: an answer that nobody awaits is normal after a
 * cancellation, a timeout or a crash. */
void step_on_done(struct core *core, const struct message *message)
{
    uint64_t ixn = message_u(message, ENVELOPE_ixn);
    struct interaction *ix = interaction_by_id(core->interactions, ixn);
    /* too late: the id belongs to a merged interaction, whose refs mean other effects */
    if (ix && ix->id != ixn) return;
    if (!ix) ix = interaction_by_conn(core->interactions, message_u(message, ENVELOPE_conn));
    if (!ix && (message_has(message, ENVELOPE_ixn) || message_has(message, ENVELOPE_conn)))
        return; /* too late: the interaction has ended */
    uint64_t ref = message_u(message, ENVELOPE_ref);
    if (!ix) {
        request_done(core, message);
        return;
    }
    if (parts_answered(core->parts, ix, message)) return;
    const struct pending *found = effect_pending(core->effects, ix, ref);
    /* SOURCE_HOST: the host answers an effect that was not sent to a link */
    uint64_t source = message_u(message, ENVELOPE_source);
    if (!found || (found->link != source && source != SOURCE_HOST)) return; /* late */
    struct pending pending = *found; /* a copy: the handlers below may clear the row */
    unsigned code = effect_code_of(message);
    interaction_tell(core->interactions, ix, FACT_step_done, code, 0);
    if (follow_up_is_awaited(core, ix, ref)) {
        if (code != code_ok && follow_up_refused(core, ix, code)) strategy_default(core, ix, code);
        return; /* code_ok: the link has accepted the pull-back; EventRouteRequest will end the wait */
    }
    pending_done(core, ix, &pending, message);
}

/* Sends lost effects again. `last_ref` is the last ref that the adapter has seen. Effects with a later ref were lost
 * on the way. */
void step_send_again(struct core *core, struct interaction *ix, unsigned link, uint64_t last_ref)
{
    uint8_t fibers[PARTS];
    unsigned count = fibers_of(core->forks, ix, fibers);
    for (unsigned at = 0; at < count; at++) {
        uint8_t fiber = fibers[at];
        const struct pending *pending = effect_of_fiber(core->effects, ix, fiber);
        if (!pending || pending->link != link) continue;
        bool anew = last_ref != 0 && effect_is_before_skip(ix, pending->ref);
        if (!anew && pending->ref <= last_ref) continue;
        uint32_t ref = pending->ref;
        unsigned kind = pending->kind;
        if (kind == KIND_RouteDefault) {
            strategy_default(core, ix, code_lost);
            return;
        }
        if (kind != step_ops_of(core, ix, fiber)->again) continue;
        /* The step begins again with its old ref, so that an answer to the first sending also counts. */
        effect_settled(core->effects, ix, ref);
        struct step_outcome outcome = step_begin(core, ix, fiber, anew ? 0 : ref);
        if (outcome.status == STEP_WAITS) continue;
        if (outcome.status == STEP_FAILS)
            strategy_step_failed(core, ix, fiber, outcome.code);
        else
            strategy_step_done(core, ix, fiber, outcome.word); /* the link had done what was asked before it was lost */
        return;
    }
}

static uint32_t *request_handle(void *self, const struct timer *timer)
{
    struct core *core = self;
    return &core->effects->all[timer->data].pending.timer;
}

static uint64_t request_number(const void *self, const struct timer *timer)
{
    const struct core *core = self;
    return core->effects->all[timer->data].pending.ref;
}

/* The timer of a request has fired. The row is copied first, because ending the wait frees it. */
static void request_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    assert(timer->kind == TIMER_REQUEST && timer->data < core->effects->count);
    struct request lapsed = core->effects->all[timer->data];
    effect_request_settled(core->effects, lapsed.pending.ref);
    effect_request_replies(core->effects, &lapsed, NULL);
    if (lapsed.pending.kind == KIND_SetAgentState)
        session_state_answered(core->sessions, lapsed.agent, lapsed.pending.ref);
}

/* True: timers of this kind wait only for an answer. */
static bool answer_held(void *self, const struct timer *timer, uint64_t us)
{
    (void)self, (void)timer, (void)us;
    return true;
}

const struct timer_ops timer_ops_request = {
    .handle = request_handle, .number = request_number, .fired = request_fired, .held = answer_held};

static uint32_t *effect_handle(void *self, const struct timer *timer)
{
    struct core *core = self;
    return &fiber_part_pending(core->forks, interaction_at(core->interactions, timer->data), timer->part)->timer;
}

static void effect_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    struct interaction *ix = interaction_at(core->interactions, timer->data);
    assert(timer->kind == TIMER_EFFECT && ix->state != IX_FREE && !interaction_has_ended(ix));
    if (fiber_link_held(core->forks, ix))
        timer_freeze(core->timers, timer);
    else
        step_effect_lapsed(core, ix, fiber_part_pending(core->forks, ix, timer->part));
}

const struct timer_ops timer_ops_effect = {
    .handle = effect_handle, .number = step_timer_number, .fired = effect_fired, .held = answer_held};
