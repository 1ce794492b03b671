/* runtime/core/step.c - Steps: beginning, cancelling, timing out; and delay, which is nothing else. */
#include "runtime/core/step.h"

#include <assert.h>

#include "runtime/core/booking.h"
#include "runtime/core/given.h"
#include "runtime/core/select.h"
#include "runtime/core/state.h"

enum { GROWTH_EVERY_US = 1000000 }; /* at the soonest: each time makes a batch */

unsigned step_of(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->strategies.slab;
    const struct image_wait *wait = vm_step(slab, block_at(slab, ix->block), fiber);
    return wait == NULL ? 0 : wait->step;
}

void step_timer(struct core *core, struct interaction *ix, uint8_t fiber, uint64_t in_us)
{
    uint64_t deadline_us = core->time_us + (in_us == 0 ? 1 : in_us); /* never now: so time goes on */
    if (fiber == 0 && ix->ends_us > core->time_us && deadline_us > ix->ends_us) deadline_us = ix->ends_us;
    interaction_timer(core, ix, TIMER_STEP, fiber_part(core, ix, fiber), deadline_us);
}

static struct step_outcome delay_begin(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->strategies.slab;
    uint64_t duration;
    uint16_t type;
    if (!vm_arg(slab, block_at(slab, ix->block), fiber, PARAMETER_delay_duration, &duration, &type) ||
        (int64_t)duration < 0)
        duration = 0; /* what is over already is no delay */
    step_timer(core, ix, fiber, duration);
    return step_waits();
}

static struct step_outcome switch_begin(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->strategies.slab;
    const struct block *block = block_at(slab, ix->block);
    uint64_t strategy;
    uint16_t type;
    assert(fiber == 0); /* the verifier lets no step that cannot be cut off stand elsewhere: here and below */
    if (ix->gone) return step_fails(code_gone);
    if (!vm_arg(slab, block, fiber, PARAMETER_switch_strategy, &strategy, &type) ||
        strategy >= image_count(block_image(slab, block), SECTION_STRATEGIES))
        return step_fails(code_invalid_attribute);
    if (!given_keep(core, ix, fiber, (uint32_t)strategy, PARAMETER_switch_argument))
        return step_fails(code_too_large);
    ix->switches = true;
    ix->route_code = (uint16_t)strategy;
    return step_done(0); /* strategy.c sees it when the strategy has ended */
}

/* When it is over the selection is looked at before the block goes on: with what is mandatory again, perhaps. */
static struct step_outcome mandatory_begin(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->strategies.slab;
    uint64_t on;
    uint16_t type;
    if (vm_arg(slab, block_at(slab, ix->block), fiber, PARAMETER_mandatory_on, &on, &type) && on != 0) {
        select_hold(core, ix, fiber);
        return step_done(0);
    }
    select_release(core, ix, vm_parent(slab, block_at(slab, ix->block), fiber));
    step_timer(core, ix, fiber, 0);
    return step_waits();
}

/* From now on, for the first time when so long has passed. */
static struct step_outcome grow_begin(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->strategies.slab;
    const struct block *block = block_at(slab, ix->block);
    uint64_t by, every_us, to;
    uint16_t type;
    if (!vm_arg(slab, block, fiber, PARAMETER_grow_by, &by, &type) ||
        !vm_arg(slab, block, fiber, PARAMETER_grow_every, &every_us, &type))
        return step_fails(code_invalid_attribute);
    if (!vm_arg(slab, block, fiber, PARAMETER_grow_to, &to, &type))
        to = (int64_t)by < 0 ? (uint64_t)-INT64_MAX : INT64_MAX;
    growth_forget(core, ix); /* of nothing, or never: as it is */
    if ((int64_t)every_us > 0 && every_us < GROWTH_EVERY_US) every_us = GROWTH_EVERY_US;
    if (by != 0 && (int64_t)every_us > 0) growth_begin(core, ix, (int64_t)by, every_us, (int64_t)to);
    return step_done(0);
}

/* Its children begin when it waits (strategy.c). */
static struct step_outcome fork_step(struct core *core, struct interaction *ix, uint8_t fiber, bool race)
{
    const struct slab *slab = core->strategies.slab;
    const struct block *block = block_at(slab, ix->block);
    assert(fiber == 0);
    int64_t timeout_us = vm_timeout(slab, block, 0);
    fork_begin(core, ix, vm_children(slab, block, 0), race);
    if (timeout_us >= 0) step_timer(core, ix, 0, (uint64_t)timeout_us);
    return step_waits();
}

struct step_outcome step_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    unsigned step = step_of(core, ix, fiber);
    switch (step) {
    case STEP_ID_ivr_digits:
    case STEP_ID_ivr_menu:
    case STEP_ID_ivr_play:
    case STEP_ID_ivr_say:
    case STEP_ID_ivr_music:
    case STEP_ID_ivr_tone:
    case STEP_ID_ivr_choose:
    case STEP_ID_ivr_verify:
    case STEP_ID_ivr_application:
    case STEP_ID_ivr_record:
        return ivr_begin(core, ix, fiber, step, ref);
    case STEP_ID_query_first:
    case STEP_ID_query_all:
    case STEP_ID_query_value:
    case STEP_ID_query_exec:
        return query_begin(core, ix, fiber, ref);
    case STEP_ID_http_get:
    case STEP_ID_http_put:
    case STEP_ID_http_post:
    case STEP_ID_http_delete:
        return http_begin(core, ix, fiber, ref);
    case STEP_ID_select:
        return select_begin(core, ix, fiber);
    case STEP_ID_callback_keep_place:
        return keep_begin(core, ix, fiber, ref);
    case STEP_ID_callback_dial:
        return keep_dial(core, ix, fiber);
    case STEP_ID_callback_book:
        return booking_begin(core, ix, fiber);
    case STEP_ID_callback_slots:
        return slots_begin(core, ix, fiber);
    case STEP_ID_preview:
        return preview_begin(core, ix, fiber);
    case STEP_ID_route:
        return route_begin(core, ix, fiber, ref);
    case STEP_ID_stop:
        return stop_begin(core, ix, fiber, ref, call_op_disconnect);
    case STEP_ID_reject:
        return stop_begin(core, ix, fiber, ref, call_op_reject);
    case STEP_ID_call_answer:
    case STEP_ID_recording_start:
    case STEP_ID_recording_pause:
    case STEP_ID_recording_resume:
    case STEP_ID_recording_stop:
        return control_begin(core, ix, fiber, step, ref);
    case STEP_ID_switch:
        return switch_begin(core, ix, fiber);
    case STEP_ID_exclude:
        return exclude_begin(core, ix, fiber);
    case STEP_ID_mandatory:
        return mandatory_begin(core, ix, fiber);
    case STEP_ID_grow:
        return grow_begin(core, ix, fiber);
    case STEP_ID_wait_for:
        return signal_begin(core, ix, fiber);
    case STEP_ID_delay:
        return delay_begin(core, ix, fiber);
    case STEP_ID_race:
    case STEP_ID_parallel:
        return fork_step(core, ix, fiber, step == STEP_ID_race);
    default:
        return step_fails(code_unsupported);
    }
}

void step_cancel_children(struct core *core, struct interaction *ix, uint8_t fiber)
{
    uint8_t fibers[PARTS];
    unsigned count = fibers_of(core, ix, fibers);
    const struct slab *slab = core->strategies.slab;
    for (unsigned at = 0; at < count; at++) {
        if (fibers[at] == 0 || vm_parent(slab, block_at(slab, ix->block), fibers[at]) != fiber) continue;
        step_cancel(core, ix, fibers[at]);
        vm_cancel(core->strategies.vm, ix->block, fibers[at]);
    }
    fiber_drop(core, ix, fiber);
    if (fiber == 0) fork_end(core, ix);
}

void step_cancel(struct core *core, struct interaction *ix, uint8_t fiber)
{
    step_cancel_children(core, ix, fiber);
    timer_cancel(core->timers, part_timer(core, ix, fiber_part(core, ix, fiber)));
    unsigned step = step_of(core, ix, fiber);
    if (step == STEP_ID_select) select_leave(core, ix, VISIT_CLEARED);
    if (step == STEP_ID_callback_keep_place) keep_cancel(core, ix);
    if (step == STEP_ID_callback_dial) keep_hang_up(core, ix, fiber);
    if (step == STEP_ID_preview) invite_withdraw(core, ix);
    if (step == STEP_ID_route || step == STEP_ID_stop || step == STEP_ID_reject) {
        ix->route_phase = ROUTE_IDLE;
        route_abandon_claim(core, ix, false);
    }
    const struct pending *pending = effect_of_fiber(core, ix, fiber);
    if (pending == NULL) return;
    uint32_t ref = pending->ref;
    if (pending->kind == KIND_RequestApplyTreatment) {
        ix->treatment = ref; /* the next treatment, or the routing, ends it; else it is told to end */
        effect_cancel(core, ix, ref, false);
        return;
    }
    effect_cancel(core, ix, ref, pending->kind == KIND_Query || pending->kind == KIND_HttpRequest);
}

void step_timed_out(struct core *core, struct interaction *ix, uint8_t fiber)
{
    switch (step_of(core, ix, fiber)) {
    case STEP_ID_delay:
    case STEP_ID_mandatory:
        strategy_step_done(core, ix, fiber, 0);
        break;
    case STEP_ID_select:
        select_on_timer(core, ix, fiber);
        break;
    case STEP_ID_route:
        route_unanswered(core, ix, code_no_answer);
        break;
    case STEP_ID_parallel:
        strategy_children_fail(core, ix, code_timeout);
        break;
    default: {
        unsigned code = query_late(core, ix, fiber);
        step_cancel(core, ix, fiber);
        strategy_step_failed(core, ix, fiber, code);
    }
    }
}

void step_effect_lapsed(struct core *core, struct interaction *ix, const struct pending *pending)
{
    struct pending lapsed = *pending;
    if (next_is_awaited(core, ix, lapsed.ref)) {
        effect_cancel(core, ix, lapsed.ref, true);
        next_refused(core, ix, code_timeout);
        return;
    }
    if (lapsed.kind == KIND_RequestRouteCall || lapsed.kind == KIND_RequestCallControl) {
        effect_cancel(core, ix, lapsed.ref, true);
        route_refused(core, ix, code_timeout);
        return;
    }
    if (lapsed.kind == KIND_RequestMakeCall) {
        keep_unknown(core, ix, code_outcome_unknown);
        return;
    }
    unsigned code = ix->running ? query_late(core, ix, lapsed.fiber) : code_timeout;
    effect_cancel(core, ix, lapsed.ref, true);
    if (ix->running) strategy_step_failed(core, ix, lapsed.fiber, code);
}

static unsigned code_of(const struct message *message)
{
    unsigned code = (unsigned)message_u(message, EventDone_code);
    if (code > code_ok) return code;
    switch (message_u(message, EventDone_outcome)) {
    case outcome_timeout:
        return code_timeout;
    case outcome_unsupported:
        return code_unsupported;
    case outcome_unknown:
        return code_outcome_unknown;
    default:
        return code_other;
    }
}

/* What the partition asked for. */
static void request_done(struct core *core, const struct message *message)
{
    const struct request *request = effect_request(core, message_u(message, ENVELOPE_ref));
    if (request == NULL || request->pending.link != message_u(message, ENVELOPE_source)) return; /* late */
    if (request->pending.kind == KIND_SetAgentState) agent_at(&core->agents, request->agent)->not_ready_ref = 0;
    effect_request_settled(core, request->pending.ref);
}

static void call_control_done(struct core *core, struct interaction *ix, uint8_t fiber, unsigned code)
{
    unsigned step = step_of(core, ix, fiber);
    if (step_is_control(step)) {
        control_done(core, ix, fiber, code);
    } else if (step == STEP_ID_callback_keep_place) {
        if (code != code_ok) keep_refused(core, ix, fiber, code); /* else the leg's own end tells that it has ended */
    } else if (ix->route_phase == ROUTE_STOPPING && code == code_ok) {
        strategy_step_done(core, ix, fiber, 0);
    } else if (code != code_ok) {
        route_refused(core, ix, code);
    }
}

/* What was asked for an interaction has come to this. */
static void pending_done(struct core *core, struct interaction *ix, const struct pending *pending,
                         const struct message *message)
{
    bool ok = message_u(message, EventDone_outcome) == outcome_ok;
    switch (pending->kind) {
    case KIND_Query:
        query_answered(core, ix, pending->fiber, message);
        break;
    case KIND_HttpRequest:
        http_answered(core, ix, pending->fiber, message);
        break;
    case KIND_RequestApplyTreatment:
        if (!ok) strategy_step_failed(core, ix, pending->fiber, code_of(message));
        break; /* ok: accepted; EventTreatment ends it */
    case KIND_RequestRouteCall:
        if (!ok) route_refused(core, ix, code_of(message));
        break; /* ok: accepted; EventRouteUsed ends it */
    case KIND_RequestCallControl:
        call_control_done(core, ix, pending->fiber, ok ? code_ok : code_of(message));
        break;
    case KIND_RequestMakeCall:
        if (!ok) keep_failed(core, ix, code_of(message));
        break; /* ok: EventCallCreated names the call */
    case KIND_RouteDefault:
        if (!ok) {
            strategy_drop(core, ix, ENDED_FAILED);
            interaction_own(core, ix, IX_OBSERVED, OWNER_DEVICE, ix->dn);
        }
        break;
    default:
        effect_settled(core, ix, pending->ref);
    }
}

void step_on_done(struct core *core, const struct message *message)
{
    uint64_t ixn = message_u(message, ENVELOPE_ixn);
    struct interaction *ix = interaction_by_id(core, ixn);
    if (ix != NULL && ix->id != ixn)
        return; /* late: to one that has become one with it, and numbered its own effects */
    if (ix == NULL) ix = interaction_by_conn(core, message_u(message, ENVELOPE_conn));
    if (ix == NULL && (message_has(message, ENVELOPE_ixn) || message_has(message, ENVELOPE_conn)))
        return; /* late: it has ended */
    uint64_t ref = message_u(message, ENVELOPE_ref);
    if (ix == NULL) {
        request_done(core, message);
        return;
    }
    if (invite_on_done(core, ix, message)) return;
    const struct pending *found = effect_pending(core, ix, ref);
    if (found == NULL || found->link != message_u(message, ENVELOPE_source)) return; /* late */
    struct pending pending = *found;
    bool ok = message_u(message, EventDone_outcome) == outcome_ok;
    interaction_note(core, ix, KIND_EventDone, ok ? code_ok : code_of(message), 0);
    if (next_is_awaited(core, ix, ref)) {
        if (!ok) next_refused(core, ix, code_of(message));
        return; /* ok: accepted; EventRouteRequest ends it */
    }
    pending_done(core, ix, &pending, message);
}

void step_send_again(struct core *core, struct interaction *ix, uint64_t last_ref)
{
    uint8_t fibers[PARTS];
    unsigned count = fibers_of(core, ix, fibers);
    for (unsigned at = 0; at < count; at++) {
        uint8_t fiber = fibers[at];
        const struct pending *pending = effect_of_fiber(core, ix, fiber);
        if (pending == NULL || pending->ref <= last_ref || pending->link != ix->link) continue;
        uint32_t ref = pending->ref;
        unsigned kind = pending->kind;
        if (kind == KIND_RouteDefault) {
            strategy_default(core, ix, code_lost);
            return;
        }
        unsigned step = step_of(core, ix, fiber);
        bool control =
            kind == KIND_RequestCallControl && (step_is_control(step) || step == STEP_ID_stop ||
                                                step == STEP_ID_reject || step == STEP_ID_callback_keep_place);
        if (kind != KIND_RequestApplyTreatment && kind != KIND_RequestRouteCall && !control) continue;
        effect_settled(core, ix, ref);
        struct step_outcome outcome = step_begin(core, ix, fiber, ref);
        if (outcome.status == STEP_FAILS) {
            strategy_step_failed(core, ix, fiber, outcome.code);
            return;
        }
    }
}
