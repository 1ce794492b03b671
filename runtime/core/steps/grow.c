/* runtime/core/steps/grow.c - The step `priority += N every D`: the priority grows while the interaction waits. */
#include "vm/steps.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/queues/ageing.h"
#include "runtime/core/run/step.h"
#include "runtime/core/steps/select.h"

enum { GROWTH_EVERY_US = 1000000 }; /* shortest interval, since each change makes a batch */

/* Begins the growth; the first change comes when the interval has passed. Without a bound the priority may go to the
 * largest or smallest number. */
static struct step_outcome grow_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    uint64_t by, every_us, to;
    uint16_t type;
    if (!vm_arg(slab, block, fiber, PARAMETER_grow_by, &by, &type) ||
        !vm_arg(slab, block, fiber, PARAMETER_grow_every, &every_us, &type))
        return step_fails(code_invalid_attribute);
    if (!vm_arg(slab, block, fiber, PARAMETER_grow_to, &to, &type))
        to = (int64_t)by < 0 ? (uint64_t)-INT64_MAX : INT64_MAX;
    ageing_forget(core->ageings, ix); /* growth by 0, or never: the priority stays as it is */
    if ((int64_t)every_us > 0 && every_us < GROWTH_EVERY_US) every_us = GROWTH_EVERY_US;
    if (by != 0 && (int64_t)every_us > 0) ageing_begin(core->ageings, ix, (int64_t)by, every_us, (int64_t)to);
    return step_done(0);
}

/* The timer has fired: the priority has grown, and the queue is told. */
static void ageing_timer_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    struct interaction *ix = ageing_due(core->ageings, timer->data);
    select_rerank(core, ix, block_at(core->slab, ix->block)->priority);
    interaction_touch(core->interactions, ix);
}

static uint32_t *ageing_timer_handle(void *self, const struct timer *timer)
{
    return &((struct core *)self)->ageings->all[timer->data].timer;
}

static uint64_t ageing_timer_number(const void *self, const struct timer *timer)
{
    return ((const struct core *)self)->ageings->all[timer->data].ixn & ((UINT64_C(1) << 48) - 1);
}

const struct timer_ops timer_ops_ageing = {
    .handle = ageing_timer_handle, .number = ageing_timer_number, .fired = ageing_timer_fired};

const struct step_ops step_ops_grow = {.begin = grow_begin};
