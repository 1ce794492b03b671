/* runtime/core/run/strategy.c - Runs the VM: slice after slice until the fiber waits, and what follows when it ends
 * or fails.
 *
 *     event or timer --> strategy_...() --> vm_...(): one slice --> after_slice()
 *                                               ^                        |
 *                                               +---- true: next slice --+
 *                                                                        | false: the fiber waits,
 *                                                                        v or all is over
 *                                                         go_round(): end, music, due events
 *
 * A slice ends at a step (VM_WAIT), when its fuel is used up (VM_YIELD), at the end, with a fault, or at a place
 * where a debugger stops. Functions that end in `..._over` or `..._failed` return true if they have begun another
 * slice.
 *
 * Nothing may run for ever. A fiber pauses when its fuel is used up, and has a limited number of such turns without a
 * wait. In one event a limited number of steps may end at once. A busy block, which is played again and again while a
 * step waits, pauses after a round that did not wait. */
#include "runtime/core/run/strategy.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/activation.h"
#include "runtime/core/run/consult.h"
#include "runtime/core/run/debug.h"
#include "runtime/core/run/ending.h"
#include "runtime/core/run/follow_up.h"
#include "runtime/core/run/noted.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/tries.h"
#include "runtime/core/site/program.h"
#include "runtime/core/site/table_cursor.h"
#include "runtime/vocabulary/effects_link.h"
#include "base/utf8.h"

enum {
    TURNS_MAX = 50,             /* most turns of a fiber without a wait; with more it counts as an endless loop */
    TURN_US = 1000,             /* pause before each further turn, times the number of fibers that wait for a turn */
    TURNS_OF_BATCH = 4,         /* most further turns in one batch */
    STEPS_MAX = 1000,           /* most steps that end at once, in one event */
    STEP_FUEL = 20,             /* fuel that a step costs if it ends at once */
    HANDLER_LIFE_US = 60000000, /* lifetime of a handler: of on abandoned, of on error, of a signal */
    AGAIN_US = 1000000,         /* pause after a round of a busy block that did not wait */
    AGAIN_FAILED_US = 5000000,  /* pause after a round of a busy block that failed */
    WHY_MAX = 256,
    FAULT_PLACE_MAX = 400,
};

/* True: a fiber of the interaction waits for its next turn. */
static bool has_turns(const struct core *core, const struct interaction *ix)
{
    uint8_t fibers[PARTS];
    unsigned count = fibers_of(core->forks, ix, fibers);
    for (unsigned at = 0; at < count; at++)
        if (vm_stands(core->slab, block_at(core->slab, ix->block), fibers[at])) return true;
    return false;
}

/* Ends a treatment that plays although no fiber waits for it. The treatment plays on for a while, because the next
 * treatment or the routing of the call would end it anyway; if neither comes in the same slice, the link is told to
 * end it. */
static void strategy_quieten(struct core *core, struct interaction *ix)
{
    uint32_t ref = interaction_extra(core->interactions, ix)->treatment;
    if (ref == 0 || has_turns(core, ix)) return;
    interaction_treatment(core->interactions, ix, 0);
    if (!ix->leg) return;
    effect_begin(core->effects, &(struct effect){.kind = KIND_Cancel, .link = ix->link, .interaction = ix});
    writer_u(&core->effects->writer, Cancel_of, ref);
    effect_end(core->effects);
}

/* The fiber's step has ended: ends the step's children, timer, effect and tries. Called before the VM gets the
 * result of the step. */
static void settle_fiber(struct core *core, struct interaction *ix, uint8_t fiber)
{
    step_cancel_children(core, ix, fiber);
    timer_cancel(core->timers, fiber_part_timer(core->forks, ix, fiber_part(core->forks, ix, fiber)));
    const struct pending *pending = effect_of_fiber(core->effects, ix, fiber);
    if (pending) effect_settled(core->effects, ix, pending->ref);
    tries_end(core, ix, fiber);
}

/* Begins the next round of a busy block after the given time; without a free strand there is no further round. */
static void again_in(struct core *core, struct interaction *ix, uint8_t parent, uint64_t in_us)
{
    if (interaction_is_away(ix)) return; /* the caller hung up and keeps a place: nobody would hear treatments */
    unsigned part = fiber_busy_part(core->forks, ix, parent);
    if (part != PARTS) interaction_timer(core->interactions, ix, TIMER_AGAIN, part, core->now->time_us + in_us);
}

/* True: the step has a busy block, which plays to the caller while the step waits. A caller who has hung up and
 * keeps a place hears nothing. */
static bool has_busy(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->slab;
    const struct image_wait *wait = vm_step(slab, block_at(slab, ix->block), fiber);
    return wait && wait->busy != IMAGE_NONE && !interaction_is_away(ix) && fiber_may_have_busy(core->forks, ix, fiber);
}

/* Sends the links the data that the slice has attached. So the adapter has the data before the next step. A value
 * that no message can carry is known only to the strategy, and people are told of this. */
static void tell_changes(struct core *core, struct interaction *ix, uint8_t fiber)
{
    static const char left_out[] =
        "attached data are too large for one message (32,000 bytes, 1,000 elements): no link is told of those beyond";
    uint64_t slots = vm_changed(core->vm);
    bool others = vm_data_changed(core->vm);
    if ((slots != 0 || others) && !userdata_tell(core->interactions, ix, slots, others, span_of("strategy")))
        noted_tell(core, ix, fiber, span_of(left_out), true);
}

static bool strategy_parked(struct core *core, struct interaction *ix, uint8_t fiber, struct vm_result *next);

/* A round of a busy block has ended. The next round begins at once if this one has waited, otherwise after a pause,
 * so that a round without waits does not run for ever. True: `next` must be acted on. */
static bool round_over(struct core *core, struct interaction *ix, struct vm_result *next)
{
    uint8_t parent = next->parent;
    assert(next->fiber != 0);
    fiber_gone(core->forks, ix, next->fiber);
    step_busy_over(core, ix, parent);
    if (!fiber_waited(core->forks, ix, parent) || interaction_is_away(ix)) {
        again_in(core, ix, parent, AGAIN_US);
        return false;
    }
    fiber_set_waited(core->forks, ix, parent, false);
    *next = vm_spawn(core->vm, ix->block, parent);
    return true;
}

static bool strategy_run_failed(struct core *core, struct interaction *ix, uint64_t error, unsigned code,
                                struct vm_result *next);

/* A round of a busy block has failed. A treatment that is not available must not cost the caller the place in the
 * queue, so the next round follows after a pause. A `fail` statement fails the step of the parent; a fault fails the
 * strategy. */
static bool round_failed(struct core *core, struct interaction *ix, struct vm_result *next)
{
    uint8_t parent = next->parent;
    unsigned code = next->code;
    assert(next->fiber != 0);
    fiber_gone(core->forks, ix, next->fiber);
    step_busy_over(core, ix, parent);
    if (code == VM_CODE_FAULT) return strategy_run_failed(core, ix, next->error, code, next);
    if (code != VM_CODE_FAILED) {
        again_in(core, ix, parent, AGAIN_FAILED_US);
        return false;
    }
    step_cancel(core, ix, parent);
    *next = vm_fail_with(core->vm, ix->block, parent, (uint16_t)code, next->error);
    return true;
}

/* A child of a race or parallel has ended. The first child that ends decides a race; a parallel waits for all
 * children. */
static bool child_over(struct core *core, struct interaction *ix, struct vm_result *next)
{
    struct fork *fork = fork_of(core->forks, ix);
    assert(fork && fork->left > 0);
    fiber_gone(core->forks, ix, next->fiber);
    fork->left--;
    if (!fork->race && fork->left != 0) return false;
    bool race = fork->race;
    settle_fiber(core, ix, 0); /* ends the other children and the fork */
    *next = race ? vm_exit(core->vm, ix->block, 0, next->exit) : vm_resume(core->vm, ix->block, 0, 0);
    return true;
}

/* A child has failed. A race goes on as long as it has other children; a parallel fails. */
static bool child_failed(struct core *core, struct interaction *ix, struct vm_result *next)
{
    struct fork *fork = fork_of(core->forks, ix);
    unsigned code = next->code;
    assert(fork && fork->left > 0);
    fiber_gone(core->forks, ix, next->fiber);
    fork->left--;
    if (code == VM_CODE_FAULT) return strategy_run_failed(core, ix, next->error, code, next);
    fork->last_code = (uint16_t)code;
    if (fork->race && fork->left != 0) return false;
    settle_fiber(core, ix, 0);
    *next = vm_fail_with(core->vm, ix->block, 0, (uint16_t)code, next->error);
    return true;
}

/* Begins the next child that has not begun, or lets the next child of a fork fail whose time is over. True: `next`
 * must be acted on. */
static bool more_children(struct core *core, struct interaction *ix, struct vm_result *next)
{
    struct fork *fork = fork_of(core->forks, ix);
    if (!fork) return false;
    assert(fork->begun <= fork->count);
    if (fork->begun < fork->count) {
        *next = vm_fork(core->vm, ix->block, 0, fork->begun++);
        return true;
    }
    for (unsigned at = 0; fork->code != 0 && at < STRANDS; at++) {
        uint8_t fiber = fork->strands[at].fiber;
        if (fiber == 0 || fork->strands[at].parent != 0) continue;
        unsigned code = fork->code;
        step_cancel(core, ix, fiber);
        *next = vm_fail(core->vm, ix->block, fiber, (uint16_t)code);
        return true;
    }
    return false;
}

/* Reports where a fault was: "sales, sales.gcx:17"; for a fault outside of any instruction, the place where the
 * strategy begins. */
static void tell_fault(struct core *core, struct interaction *ix, const struct vm_result *fault)
{
    const struct image *image = block_image(core->slab, block_at(core->slab, ix->block));
    struct image_place place;
    char text[FAULT_PLACE_MAX];
    bool known = fault->status == VM_FAULT || fault->status == VM_YIELD;
    uint32_t begin = block_strategy(core->slab, block_at(core->slab, ix->block))->function;
    if (!image_place(image, known ? fault->function : begin, known ? fault->pc : 0, &place)) return;
    struct span title = strategy_title(core->strategies, ix), where = {(const uint8_t *)text, 0};
    char digits[10];
    uint32_t count = 0, line = place.line;
    for (; count == 0 || line != 0; line /= 10) digits[sizeof digits - ++count] = (char)('0' + line % 10);
    const struct span parts[] = {title,
                                 span_of(", "),
                                 {(const uint8_t *)place.file.bytes, place.file.length},
                                 span_of(":"),
                                 {(const uint8_t *)digits + sizeof digits - count, count}};
    for (size_t at = 0; at < sizeof parts / sizeof *parts; where.length += parts[at++].length) {
        if (parts[at].length > sizeof text - where.length) return;
        memcpy(text + where.length, parts[at].bytes, parts[at].length);
    }
    uint32_t name = names_intern(core->names, where);
    core->strategies->fault = (struct strategy_fault){core->strategies->fault.count + 1, ix->id, name};
    interaction_tell(core->interactions, ix, FACT_faulted, 0, name);
}

static bool strategy_run_failed(struct core *core, struct interaction *ix, uint64_t error, unsigned code,
                                struct vm_result *next)
{
    /* The text of the error is copied first: activation_let_go() and the handler change the
     * block. The handler `on error` runs if the strategy has one. Otherwise the call goes to
     * its default destination. */
    if (code == code_fault) tell_fault(core, ix, next);
    char inlined[8], why[WHY_MAX];
    struct text text = vm_error_text(core->vm, ix->block, error, inlined);
    uint32_t length = utf8_cut(text.bytes, text.length, sizeof why);
    memcpy(why, text.bytes, length);
    activation_let_go(core, ix);
    *next = vm_handler(core->vm, ix->block, HANDLER_ERROR, error);
    if (next->status != VM_NONE) return true;
    activation_default(core, ix, code, (struct span){(const uint8_t *)why, length});
    return false;
}

/* The strategy has ended with `switch`: the other strategy begins, with the data and the priority. */
static bool switch_over(struct core *core, struct interaction *ix, struct vm_result *next)
{
    unsigned code = activation_switch(core, ix, ix->route_code);
    if (code != code_ok) {
        strategy_default(core, ix, code);
        return false;
    }
    *next = vm_start(core->vm, ix->block);
    return true;
}

/* The strategy runs in an endless loop: gives it a fault; its `on error` may run as long again. */
static bool without_end(struct core *core, struct interaction *ix, struct vm_result *next)
{
    vm_turn(core->vm, 0);
    return strategy_run_failed(core, ix, vm_error(core->vm, ix->block, code_fault, 0), code_fault, next);
}

/* The fuel of the fiber's turn is used up. The next turn comes after a pause, which grows with the number of fibers
 * that wait for a turn: all looping fibers together leave the core three quarters of its time. True: `next` must be
 * acted on. */
static bool turn_over(struct core *core, struct interaction *ix, struct vm_result *next)
{
    uint32_t turns = vm_turns(core->slab, block_at(core->slab, ix->block), next->fiber);
    if (turns + 1 >= TURNS_MAX) return without_end(core, ix, next);
    if (next->fiber == 0 || fiber_add(core->forks, ix, next->fiber, next->parent)) {
        uint64_t in_us = (uint64_t)TURN_US * (1 + timers_of_kind(core->timers, TIMER_TURN));
        interaction_timer(core->interactions, ix, TIMER_TURN, fiber_part(core->forks, ix, next->fiber),
                          core->now->time_us + in_us);
        return false;
    }
    vm_turn(core->vm, turns + 1); /* too many fibers: no timer can be set for this fiber, so it goes on at once */
    *next = vm_continue(core->vm, ix->block, next->fiber);
    return true;
}

/* Acts on the result of a slice. True: `result` is that of the next slice and must be acted on. */
static bool after_slice(struct core *core, struct interaction *ix, struct vm_result *result)
{
    struct vm *vm = core->vm;
    bool child = ix->forked && result->parent == 0; /* a child of a race or parallel, not a busy block */
    tell_changes(core, ix, result->fiber);
    switch (result->status) {
    case VM_WAIT:
        return strategy_parked(core, ix, result->fiber, result);
    case VM_YIELD:
        return turn_over(core, ix, result);
    case VM_LEFT:
        fiber_gone(core->forks, ix, result->fiber);
        settle_fiber(core, ix, result->parent);
        step_cancel(core, ix, result->parent);
        *result = vm_exit(vm, ix->block, result->parent, result->exit);
        return true;
    case VM_ENDED:
        if (result->fiber != 0) return child ? child_over(core, ix, result) : round_over(core, ix, result);
        if (ix->switches) return switch_over(core, ix, result);
        if (ix->state == IX_ROUTING && ix->route_phase == ROUTE_IDLE && interaction_stays(ix) && !ix->gone)
            strategy_default(core, ix,
                             code_failed); /* a handler has ended, and the customer still waits at the routing point */
        else
            activation_over(core, ix);
        return false;
    case VM_FAULT:
        if (result->fiber != 0) return child ? child_failed(core, ix, result) : round_failed(core, ix, result);
        return strategy_run_failed(core, ix, result->error, result->code, result);
    case VM_STANDS:
        if (result->fiber == 0 || fiber_add(core->forks, ix, result->fiber, result->parent)) {
            debug_stands(core, ix);
            return false;
        }
        /* too many fibers: the fiber's next step fails with that code */
        *result = vm_go_on(vm, ix->block, result->fiber);
        return true;
    case VM_NONE:
    default:
        strategy_default(core, ix, code_fault);
        return false;
    }
}

/* Begins the fiber's step. */
static struct step_outcome begin_step(struct core *core, struct interaction *ix, uint8_t fiber, uint8_t parent)
{
    if (fiber != 0 && !fiber_add(core->forks, ix, fiber, parent)) return step_fails(code_overload);
    const struct fork *fork = fork_of(core->forks, ix);
    if (fork && fiber != 0 && fork->code != 0) return step_fails(fork->code); /* the time of the fork is over */
    return tries_first(core, ix, fiber);
}

/* Begins the step to which the fiber has come. True: the step ended at once, or its busy block begins; `next` must
 * be acted on. */
static bool strategy_parked(struct core *core, struct interaction *ix, uint8_t fiber, struct vm_result *next)
{
    struct vm *vm = core->vm;
    uint8_t parent = next->parent;
    struct step_outcome outcome = begin_step(core, ix, fiber, parent);
    switch (outcome.status) {
    case STEP_IS_DONE:
        settle_fiber(core, ix, fiber);
        vm_charge(vm, STEP_FUEL);
        *next = vm_resume(vm, ix->block, fiber, outcome.word);
        return true;
    case STEP_FAILS:
        settle_fiber(core, ix, fiber);
        vm_charge(vm, STEP_FUEL);
        *next = vm_fail(vm, ix->block, fiber, (uint16_t)outcome.code);
        return true;
    case STEP_WAITS:
    default:
        /* the activation is over: an agent has the interaction, and a reply is awaited */
        if (!ix->running) return false;
        if (fiber != 0) fiber_set_waited(core->forks, ix, parent, true);
        if (fiber == 0 && ix->timer[0] == 0) interaction_timer(core->interactions, ix, TIMER_LIFETIME, 0, ix->ends_us);
        if (!has_busy(core, ix, fiber)) return false;
        fiber_set_waited(core->forks, ix, fiber, false);
        *next = vm_spawn(vm, ix->block, fiber);
        return true;
    }
}

static void mark_runs(struct core *core, uint64_t ixn)
{
    if (core->options.mark) core->options.mark->running = ixn;
}

/* An event or timer lets the strategy continue or begin: this counts as a turn. */
static void turn_begins(struct core *core, const struct interaction *ix)
{
    mark_runs(core, ix->id);
    vm_turn(core->vm, 0);
}

/* Runs the handler of a due event; called when the interaction can be interrupted. */
static void run_due_event(struct core *core, struct interaction *ix)
{
    const struct image_handler *handler = consult_due(core, ix);
    if (handler) strategy_signal(core, ix, handler->function, 0);
}

/* Acts on slices until the strategy waits or ends. Afterwards the interaction may have ended, so callers must check
 * its state. */
static void go_round(struct core *core, struct interaction *ix, struct vm_result result)
{
    unsigned steps = 0;
    assert(ix->state != IX_FREE && !interaction_has_ended(ix));
    while (after_slice(core, ix, &result) || (ix->running && more_children(core, ix, &result))) {
        if (++steps <= STEPS_MAX) continue;
        steps = 0;
        if (!without_end(core, ix, &result)) break;
    }
    if (interaction_has_ended(ix)) return;
    if (ix->stands)
        debug_hold(core, ix);
    else
        strategy_quieten(core, ix);
    cursor_settle(core->cursors, ix);
    if (ix->visit != VISIT_NONE)
        block_fit(core->slab, ix->block); /* the wait may be long, so unused room of the block is freed */
    interaction_touch(core->interactions, ix);
    if (!ix->running && !interaction_stays(ix))
        strategy_end_interaction(core, ix);
    else if (ix->running && interaction_extra(core->interactions, ix)->due_events != 0 && !ix->stands)
        run_due_event(core, ix);
}

static void strategy_run(struct core *core, struct interaction *ix, struct vm_result result)
{
    go_round(core, ix, result);
    mark_runs(core, 0);
}

/* Begins a strategy. A debugger that waits for such an interaction takes it before the first slice. */
void strategy_start(struct core *core, struct interaction *ix, struct binding binding)
{
    turn_begins(core, ix);
    unsigned code = activation_begin(core, ix, binding);
    if (code == code_ok) {
        debug_arrives(core, ix);
        strategy_run(core, ix, vm_start(core->vm, ix->block));
    } else {
        strategy_default(core, ix, code);
    }
}

void strategy_follows(struct core *core, struct interaction *ix)
{
    uint8_t *given; /* the strategy reads its arguments after their row was removed */
    struct binding binding = follow_up_take(core, ix, &given);
    strategy_start(core, ix, binding);
    free(given);
}

/* Lets each fiber continue that a debugger has stopped. Any fiber may end the interaction, so its state is checked
 * before each. */
void strategy_go_on(struct core *core, struct interaction *ix)
{
    uint8_t fibers[PARTS];
    unsigned count = fibers_of(core->forks, ix, fibers);
    turn_begins(core, ix);
    for (unsigned at = 0; at < count && !interaction_has_ended(ix) && ix->running && !ix->stands; at++)
        if (vm_stands(core->slab, block_at(core->slab, ix->block), fibers[at])) {
            timer_cancel(core->timers, fiber_part_timer(core->forks, ix, fiber_part(core->forks, ix, fibers[at])));
            strategy_run(core, ix, vm_go_on(core->vm, ix->block, fibers[at]));
        }
    if (interaction_has_ended(ix) || !ix->running || ix->stands) return;
    if (interaction_extra(core->interactions, ix)->due_events != 0) run_due_event(core, ix);
}

void strategy_step_done(struct core *core, struct interaction *ix, uint8_t fiber, uint64_t word)
{
    turn_begins(core, ix);
    settle_fiber(core, ix, fiber);
    strategy_run(core, ix, vm_resume(core->vm, ix->block, fiber, word));
}

/* Acts on the outcome of a try that an event or a timer has begun, outside of a slice. */
static void strategy_tried(struct core *core, struct interaction *ix, uint8_t fiber, struct step_outcome outcome)
{
    turn_begins(core, ix);
    if (outcome.status == STEP_IS_DONE) {
        strategy_step_done(core, ix, fiber, outcome.word);
    } else if (outcome.status == STEP_FAILS) {
        settle_fiber(core, ix, fiber);
        strategy_run(core, ix, vm_fail(core->vm, ix->block, fiber, (uint16_t)outcome.code));
    } else {
        interaction_touch(core->interactions, ix);
    }
}

/* The fiber's step has failed. Another try may follow (tries.c). Only the last failure is passed to the strategy. */
void strategy_step_failed(struct core *core, struct interaction *ix, uint8_t fiber, unsigned code)
{
    const struct pending *pending = effect_of_fiber(core->effects, ix, fiber);
    if (pending) effect_settled(core->effects, ix, pending->ref);
    tries_failed(core, ix, code);
    strategy_tried(core, ix, fiber, tries_follow(core, ix, fiber, step_fails(code)));
}

/* Makes the children of a fork fail: sets the code, with which more_children() then fails one child after another. */
void strategy_children_fail(struct core *core, struct interaction *ix, unsigned code)
{
    struct vm_result next;
    assert(ix->forked);
    turn_begins(core, ix);
    fork_of(core->forks, ix)->code = (uint16_t)code;
    if (more_children(core, ix, &next)) strategy_run(core, ix, next);
}

/* The customer has left. Claims and steps end before the handler runs, so that the handler
 * cannot offer the call to anybody. */
void strategy_abandoned(struct core *core, struct interaction *ix)
{
    turn_begins(core, ix);
    bool by_default = ix->route_phase == ROUTE_DEFAULTING;
    parts_leave(core->parts, ix, VISIT_ABANDONED);
    activation_let_go(core, ix);
    interaction_treatment(core->interactions, ix, 0);
    effects_forget(core->effects, ix);
    ix->outcome = ix->outcome == ENDED_LOST ? ENDED_LOST : ENDED_ABANDONED;
    struct vm_result result = {.status = VM_NONE};
    if (!by_default) result = vm_handler(core->vm, ix->block, HANDLER_ABANDONED, 0);
    if (result.status == VM_NONE) {
        vm_cancel(core->vm, ix->block, 0);
        activation_over(core, ix);
        return;
    }
    /* takes the interaction out of its queue, so that no agent gets it */
    if (ix->submitted) submitted_take(core->submissions, ix);
    interaction_own(core->interactions, ix, IX_CLOSING, OWNER_STRATEGY, ix->owner);
    ix->ends_us = core->now->time_us + HANDLER_LIFE_US;
    strategy_run(core, ix, result);
}

/* A signal's handler interrupts the strategy: the step at which it waits is cancelled. */
void strategy_signal(struct core *core, struct interaction *ix, uint16_t function, uint64_t payload)
{
    turn_begins(core, ix);
    activation_let_go(core, ix);
    effects_forget(core->effects, ix);
    ix->ends_us = core->now->time_us + HANDLER_LIFE_US;
    strategy_run(core, ix, vm_signal(core->vm, ix->block, function, payload));
}

/* The strategy has failed. With a link that is down only the step that waits fails. A failure for any reason but a lost
 * link is one of the whole strategy. */
void strategy_failed(struct core *core, struct interaction *ix, unsigned code)
{
    turn_begins(core, ix);
    if (ix->route_phase == ROUTE_DEFAULTING) return;
    const struct slab *slab = core->slab;
    uint32_t ticket;
    if (code == code_link_down && ix->forked && !fork_of(core->forks, ix)->race) {
        strategy_children_fail(core, ix, code);
        return;
    }
    if (code == code_link_down && vm_stands(slab, block_at(slab, ix->block), 0))
        return; /* nothing to do: the strategy's next step will fail by itself */
    if (code == code_link_down && vm_parked(slab, block_at(slab, ix->block), 0, &ticket)) {
        step_cancel(core, ix, 0);
        strategy_step_failed(core, ix, 0, code);
        return;
    }
    struct vm_result next = {.status = VM_NONE};
    uint64_t error = vm_error(core->vm, ix->block, (uint16_t)code, 0);
    if (strategy_run_failed(core, ix, error, code, &next)) strategy_run(core, ix, next);
}

void strategy_default(struct core *core, struct interaction *ix, unsigned code)
{
    activation_default(core, ix, code, (struct span){0});
}

void strategy_consult_event(struct core *core, struct interaction *ix, enum image_event event)
{
    if (consult_happened(core, ix, event)) run_due_event(core, ix);
}

void strategy_main_over(struct core *core, struct interaction *main)
{
    struct interaction *consult;
    while ((consult = consult_left(core, main))) strategy_consult_event(core, consult, EVENT_MAIN_RELEASED);
}

/* Ends the interaction. Consultations are told first that their main interaction is over, while it still exists. */
void strategy_end_interaction(struct core *core, struct interaction *ix)
{
    if (interaction_has_ended(ix)) return;
    strategy_main_over(core, ix);
    ending_give_up(core, ix);
}

/* The lifetime is over. A strategy fails, so that its `on error` can run; the handler of an
 * abandoned call just ends. */
static void lived_too_long(struct core *core, struct interaction *ix)
{
    if (ix->route_phase == ROUTE_DEFAULTING) {
        activation_drop(core, ix, ENDED_FAILED);
    } else if (!ix->gone) {
        ix->ends_us = core->now->time_us + HANDLER_LIFE_US; /* gives `on error` a lifetime of its own */
        strategy_failed(core, ix, code_timeout);
        if (!ix->running && !interaction_stays(ix))
            strategy_end_interaction(core, ix); /* without a leg no event would end the interaction */
    } else {
        activation_drop(core, ix, ix->outcome);
        if (!interaction_stays(ix)) strategy_end_interaction(core, ix);
    }
}

/* The lifetime timer has fired. The timer has three meanings: a strategy has run too long, a submitted interaction is
 * late, or no link has reported a call for a day. */
static void lifetime_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    struct interaction *ix = interaction_at(core->interactions, timer->data);
    if (interaction_held(core->forks, ix))
        timer_freeze(core->timers, timer);
    else if (ix->running)
        lived_too_long(core, ix);
    else if (ix->submitted)
        core->media[ix->media]->late(core, ix);
    else
        core->media[ix->media]->leg_ended(core, ix, cause_lost); /* no link has reported the call for a day */
}

/* Returns the interaction whose strategy must do something now. NULL: there is nothing to do, or the interaction's
 * link is held, or its lifetime has ended as well. */
static struct interaction *strategy_due(struct core *core, const struct timer *timer)
{
    struct interaction *ix = interaction_at(core->interactions, timer->data);
    if (interaction_held(core->forks, ix)) {
        timer_freeze(core->timers, timer);
        return NULL;
    }
    if (!ix->running) return NULL;
    if (timer->part != 0 || core->now->time_us < ix->ends_us || ix->route_phase != ROUTE_IDLE) return ix;
    lived_too_long(core, ix);
    return NULL;
}

/* The timer of a step has fired, or that of the strategy's lifetime if it was shorter (step_timer). */
static void step_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    struct interaction *ix = strategy_due(core, timer);
    if (!ix) return;
    uint8_t fiber = fiber_of_part(core->forks, ix, timer->part);
    unsigned code;
    if (step_timed_out(core, ix, fiber, &code)) strategy_step_failed(core, ix, fiber, code);
}

/* Begins the next round of a busy block, or the next try of a step. */
static void again_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    struct interaction *ix = strategy_due(core, timer);
    if (!ix) return;
    uint8_t fiber = fiber_of_part(core->forks, ix, timer->part);
    turn_begins(core, ix);
    if (timer->part != 0 && fiber == 0) {
        uint8_t parent = fiber_parent_of_part(core->forks, ix, timer->part);
        fiber_set_waited(core->forks, ix, parent, false);
        strategy_run(core, ix, vm_spawn(core->vm, ix->block, parent));
    } else {
        strategy_tried(core, ix, fiber, tries_next(core, ix, fiber));
    }
}

/* A fiber's next turn is due. A batch runs only a few further turns and postpones the others, so that loops cannot
 * fill it. */
static void turn_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    struct interaction *ix = strategy_due(core, timer);
    uint8_t fiber = ix ? fiber_of_part(core->forks, ix, timer->part) : 0;
    if (!ix || !vm_stands(core->slab, block_at(core->slab, ix->block), fiber)) return;
    if (core->turns == TURNS_OF_BATCH) { /* the core is late */
        interaction_timer(core->interactions, ix, TIMER_TURN, timer->part, core->now->time_us + TURN_US);
        return;
    }
    core->turns++;
    turn_begins(core, ix);
    vm_turn(core->vm, vm_turns(core->slab, block_at(core->slab, ix->block), fiber) + 1);
    strategy_run(core, ix, vm_continue(core->vm, ix->block, fiber));
}

/* True: the step waits for the answer to its effect, or for an agent at whom the call rings. */
static bool step_held(void *self, const struct timer *timer, uint64_t us)
{
    const struct core *core = self;
    const struct interaction *ix = interaction_at(core->interactions, timer->data);
    (void)us;
    return (timer->part == 0 && ix->route_phase == ROUTE_OUT) ||
           effect_of_fiber(core->effects, ix, fiber_of_part(core->forks, ix, timer->part));
}

const struct timer_ops timer_ops_lifetime = {
    .handle = step_timer_handle, .number = step_timer_number, .fired = lifetime_fired};
const struct timer_ops timer_ops_step = {
    .handle = step_timer_handle, .number = step_timer_number, .fired = step_fired, .held = step_held};
const struct timer_ops timer_ops_again = {
    .handle = step_timer_handle, .number = step_timer_number, .fired = again_fired};
const struct timer_ops timer_ops_turn = {.handle = step_timer_handle, .number = step_timer_number, .fired = turn_fired};
