/* runtime/core/run/step.c - Begins and cancels steps, each with the operations of its family of steps. This file does
 * not report the result of a step to the strategy: it returns an outcome, and step_answer.c passes on later results. */
#include "runtime/core/run/step.h"

#include <assert.h>

#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"

unsigned step_of(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->slab;
    const struct image_wait *wait = vm_step(slab, block_at(slab, ix->block), fiber);
    return !wait ? 0 : wait->step;
}

/* Sets the timer of the fiber's step; for fiber 0 the lifetime of the strategy is included, so one timer is enough. */
void step_timer(struct core *core, struct interaction *ix, uint8_t fiber, uint64_t in_us)
{
    uint64_t deadline_us =
        core->now->time_us +
        (in_us == 0 ? 1 : in_us); /* at least 1: a step that times out and begins again must let time pass */
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

/* Awaits an effect without a deadline of its own: the step's timer is the deadline. */
void step_awaits(struct core *core, struct interaction *ix, uint8_t fiber, unsigned kind, uint32_t ref, unsigned link,
                 int64_t timeout_us)
{
    assert(ref != 0);
    effect_await(core->effects, ix, kind, ref, link, fiber, 0);
    if (timeout_us >= 0 && *fiber_part_timer(core->forks, ix, fiber_part(core->forks, ix, fiber)) == 0)
        step_timer(core, ix, fiber, (uint64_t)timeout_us);
}

static const struct step_ops none = {.begin = NULL};

const struct step_ops *step_ops_of(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    unsigned step = step_of(core, ix, fiber);
    const struct step_ops *ops = step < core->step_count ? core->step_ops[step] : NULL;
    return ops ? ops : &none;
}

struct step_outcome step_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    const struct step_ops *ops = step_ops_of(core, ix, fiber);
    return ops->begin ? ops->begin(core, ix, fiber, ref) : step_fails(code_unsupported);
}

/* Cancels each child in the core and in the VM. Afterwards no child waits any more. */
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

/* Cancels a step: first its children, then its timer, what its family does, and its effect. The link is told if the
 * family of the step says so. */
void step_cancel(struct core *core, struct interaction *ix, uint8_t fiber)
{
    step_cancel_children(core, ix, fiber);
    timer_cancel(core->timers, fiber_part_timer(core->forks, ix, fiber_part(core->forks, ix, fiber)));
    const struct step_ops *ops = step_ops_of(core, ix, fiber);
    if (ops->cancel) ops->cancel(core, ix, fiber);
    const struct pending *pending = effect_of_fiber(core->effects, ix, fiber);
    if (pending) effect_cancel(core->effects, ix, pending->ref, ops->tells);
}

unsigned step_late_code(const struct step_ops *ops, const struct core *core, const struct interaction *ix,
                        uint8_t fiber)
{
    return ops->late ? ops->late(core, ix, fiber) : (unsigned)code_timeout;
}

/* Ends a step whose time is over. False: the family has handled the end of the time, so the strategy must not be told
 * of a failure. */
bool step_timed_out(struct core *core, struct interaction *ix, uint8_t fiber, unsigned *code)
{
    const struct step_ops *ops = step_ops_of(core, ix, fiber);
    if (ops->timed_out) {
        ops->timed_out(core, ix, fiber);
        return false;
    }
    *code = step_late_code(ops, core, ix, fiber);
    step_cancel(core, ix, fiber);
    return true;
}

void step_busy_over(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct step_ops *ops = step_ops_of(core, ix, fiber);
    if (ops->busy_over) ops->busy_over(core, ix, fiber);
}

uint64_t step_timer_number(const void *self, const struct timer *timer)
{
    const struct core *core = self;
    return interaction_number(interaction_at(core->interactions, timer->data));
}

uint32_t *step_timer_handle(void *self, const struct timer *timer)
{
    struct core *core = self;
    return fiber_part_timer(core->forks, interaction_at(core->interactions, timer->data), timer->part);
}
