/* runtime/core/run/step.c - Begins, cancels and ends steps, each by the operations of its family; passes on the answers
 * to their effects. */
#include "runtime/core/run/step.h"

#include <assert.h>

#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/run/follow_up.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/session.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"

unsigned step_of(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->slab;
    const struct image_wait *wait = vm_step(slab, block_at(slab, ix->block), fiber);
    return !wait ? 0 : wait->step;
}

void step_timer(struct core *core, struct interaction *ix, uint8_t fiber, uint64_t in_us)
{
    uint64_t deadline_us =
        core->now->time_us +
        (in_us == 0 ? 1 : in_us); /* never now: a step that times out and begins again must let time go on */
    if (fiber == 0 && ix->ends_us > core->now->time_us && deadline_us > ix->ends_us) deadline_us = ix->ends_us;
    interaction_timer(core->interactions, ix, TIMER_STEP, fiber_part(core->forks, ix, fiber), deadline_us);
}

uint32_t step_effect(struct core *core, struct interaction *ix, unsigned kind, unsigned link, uint32_t ref,
                     int64_t timeout_us)
{
    return effect_begin(
        core->effects,
        &(struct effect){
            .kind = kind, .link = link, .interaction = ix, .ref = ref, .timeout_us = timeout_us < 0 ? 0 : timeout_us});
}

void step_awaits(struct core *core, struct interaction *ix, uint8_t fiber, unsigned kind, uint32_t ref, unsigned link,
                 int64_t timeout_us)
{
    assert(ref != 0);
    effect_await(core->effects, ix, kind, ref, link, fiber, 0);
    if (timeout_us >= 0 && *part_timer(core->forks, ix, fiber_part(core->forks, ix, fiber)) == 0)
        step_timer(core, ix, fiber, (uint64_t)timeout_us);
}

static const struct step_ops none = {.begin = NULL};

/* The operations of the step at which the fiber is parked; `none` if it is not parked at a step. */
static const struct step_ops *ops_of(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    unsigned step = step_of(core, ix, fiber);
    const struct step_ops *ops = step < core->step_count ? core->step_ops[step] : NULL;
    return ops ? ops : &none;
}

/* The operations of the step that awaits the effect; `none` for RouteDefault, which no step asks for. */
static const struct step_ops *ops_of_pending(const struct core *core, const struct interaction *ix,
                                             const struct pending *pending)
{
    return pending->kind != KIND_RouteDefault ? ops_of(core, ix, pending->fiber) : &none;
}

struct step_outcome step_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    const struct step_ops *ops = ops_of(core, ix, fiber);
    return ops->begin ? ops->begin(core, ix, fiber, ref) : step_fails(code_unsupported);
}

void step_cancel_children(struct core *core, struct interaction *ix, uint8_t fiber)
{
    uint8_t fibers[PARTS];
    unsigned count = fibers_of(core->forks, ix, fibers);
    const struct slab *slab = core->slab;
    for (unsigned at = 0; at < count; at++) {
        if (fibers[at] == 0 || vm_parent(slab, block_at(slab, ix->block), fibers[at]) != fiber) continue;
        step_cancel(core, ix, fibers[at]);
        vm_cancel(core->vm, ix->block, fibers[at]);
    }
    fiber_drop(core->forks, ix, fiber);
    if (fiber == 0) fork_end(core->forks, ix);
}

void step_cancel(struct core *core, struct interaction *ix, uint8_t fiber)
{
    step_cancel_children(core, ix, fiber);
    timer_cancel(core->timers, part_timer(core->forks, ix, fiber_part(core->forks, ix, fiber)));
    const struct step_ops *ops = ops_of(core, ix, fiber);
    if (ops->cancel) ops->cancel(core, ix, fiber);
    const struct pending *pending = effect_of_fiber(core->effects, ix, fiber);
    if (pending) effect_cancel(core->effects, ix, pending->ref, ops->tells);
}

static unsigned late_code(const struct step_ops *ops, const struct core *core, const struct interaction *ix,
                          uint8_t fiber)
{
    return ops->late ? ops->late(core, ix, fiber) : (unsigned)code_timeout;
}

void step_timed_out(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct step_ops *ops = ops_of(core, ix, fiber);
    if (ops->timed_out) {
        ops->timed_out(core, ix, fiber);
        return;
    }
    unsigned code = late_code(ops, core, ix, fiber);
    step_cancel(core, ix, fiber);
    strategy_step_failed(core, ix, fiber, code);
}

/* The awaited effect was not answered in time. */
static void step_effect_lapsed(struct core *core, struct interaction *ix, const struct pending *pending)
{
    assert(pending->ref != 0);
    struct pending lapsed = *pending; /* a copy, since `pending` is cleared before its fields are last read */
    if (follow_up_is_awaited(core, ix, lapsed.ref)) {
        effect_cancel(core->effects, ix, lapsed.ref, true);
        follow_up_refused(core, ix, code_timeout);
        return;
    }
    const struct step_ops *ops = ops_of_pending(core, ix, &lapsed);
    if (ops->lapsed) {
        ops->lapsed(core, ix, &lapsed);
        return;
    }
    unsigned code = ix->running ? late_code(ops, core, ix, lapsed.fiber) : code_timeout;
    effect_cancel(core->effects, ix, lapsed.ref, true);
    if (ix->running) strategy_step_failed(core, ix, lapsed.fiber, code);
}

bool step_effects_sound(struct core *core, struct interaction *ix)
{
    const struct block *block = block_at(core->slab, ix->block);
    if (!ix->running) return true;
    for (unsigned part = 1; part < (ix->forked ? PARTS : 2); part++) {
        const struct pending *pending = part_pending(core->forks, ix, part); /* part 1's is part 0's */
        if (pending->ref == 0 || pending->timer == 0 || follow_up_is_awaited(core, ix, pending->ref)) continue;
        if (step_of(core, ix, pending->fiber) == 0 && !vm_stands(core->slab, block, pending->fiber)) return false;
    }
    return true;
}

void step_busy_over(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct step_ops *ops = ops_of(core, ix, fiber);
    if (ops->busy_over) ops->busy_over(core, ix, fiber);
}

/* An effect of the partition itself was answered. */
static void request_done(struct core *core, const struct message *message)
{
    const struct request *request = effect_request(core->effects, message_u(message, ENVELOPE_ref));
    if (!request || request->pending.link != message_u(message, ENVELOPE_source)) return; /* late */
    if (request->pending.kind == KIND_SetAgentState) agent_at(core->agents, request->agent)->not_ready_ref = 0;
    effect_request_replies(core->effects, request, message);
    effect_request_settled(core->effects, request->pending.ref);
}

/* An effect of an interaction was answered. */
static void pending_done(struct core *core, struct interaction *ix, const struct pending *pending,
                         const struct message *message)
{
    const struct step_ops *ops = ops_of_pending(core, ix, pending);
    if (ops->answered) {
        ops->answered(core, ix, pending, message);
    } else if (pending->kind != KIND_RouteDefault) {
        effect_settled(core->effects, ix, pending->ref);
    } else if (effect_code_of(message) != code_ok) {
        strategy_drop(core, ix, ENDED_FAILED);
        interaction_own(core->interactions, ix, IX_OBSERVED, OWNER_DEVICE, ix->dn);
    }
}

void step_on_done(struct core *core, const struct message *message)
{
    uint64_t ixn = message_u(message, ENVELOPE_ixn);
    struct interaction *ix = interaction_by_id(core->interactions, ixn);
    if (ix && ix->id != ixn) return; /* late: the id is that of a merged interaction, whose refs mean other effects */
    if (!ix) ix = interaction_by_conn(core->interactions, message_u(message, ENVELOPE_conn));
    if (!ix && (message_has(message, ENVELOPE_ixn) || message_has(message, ENVELOPE_conn)))
        return; /* late: the interaction has ended */
    uint64_t ref = message_u(message, ENVELOPE_ref);
    if (!ix) {
        request_done(core, message);
        return;
    }
    if (parts_answered(core->parts, ix, message)) return;
    const struct pending *found = effect_pending(core->effects, ix, ref);
    if (!found || found->link != message_u(message, ENVELOPE_source)) return; /* late */
    struct pending pending = *found; /* a copy: the handlers below may clear the row */
    unsigned code = effect_code_of(message);
    interaction_tell(core->interactions, ix, FACT_step_done, code, 0);
    if (follow_up_is_awaited(core, ix, ref)) {
        if (code != code_ok) follow_up_refused(core, ix, code);
        return; /* ok means accepted; EventRouteRequest will end the request */
    }
    pending_done(core, ix, &pending, message);
}

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
        if (kind != ops_of(core, ix, fiber)->again) continue;
        /* The step begins again with its old ref, so that an answer to the first sending also counts. */
        effect_settled(core->effects, ix, ref);
        struct step_outcome outcome = step_begin(core, ix, fiber, anew ? 0 : ref);
        if (outcome.status == STEP_FAILS) {
            strategy_step_failed(core, ix, fiber, outcome.code);
            return;
        }
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

/* These wait for nothing else than an answer. */
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
    return &part_pending(core->forks, interaction_at(core->interactions, timer->data), timer->part)->timer;
}

static void effect_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    struct interaction *ix = interaction_at(core->interactions, timer->data);
    assert(timer->kind == TIMER_EFFECT && ix->state != IX_FREE && !interaction_has_ended(ix));
    if (link_held_for(core->forks, ix))
        timer_freeze(core->timers, timer);
    else
        step_effect_lapsed(core, ix, part_pending(core->forks, ix, timer->part));
}

uint64_t interaction_timer_number(const void *self, const struct timer *timer)
{
    const struct core *core = self;
    return interaction_number(interaction_at(core->interactions, timer->data));
}

uint32_t *part_timer_handle(void *self, const struct timer *timer)
{
    struct core *core = self;
    return part_timer(core->forks, interaction_at(core->interactions, timer->data), timer->part);
}

const struct timer_ops timer_ops_effect = {
    .handle = effect_handle, .number = interaction_timer_number, .fired = effect_fired, .held = answer_held};
