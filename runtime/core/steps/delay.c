/* runtime/core/steps/delay.c - The step `delay`: a wait that only time ends. */
#include "vm/steps.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"

static struct step_outcome delay_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    const struct slab *slab = core->slab;
    uint64_t duration;
    uint16_t type;
    if (!vm_arg(slab, block_at(slab, ix->block), fiber, PARAMETER_delay_duration, &duration, &type) ||
        (int64_t)duration < 0)
        duration = 0; /* a moment in the past gives no delay */
    step_timer(core, ix, fiber, duration);
    return step_waits();
}

static void delay_over(struct core *core, struct interaction *ix, uint8_t fiber)
{
    strategy_step_done(core, ix, fiber, 0);
}

const struct step_ops step_ops_delay = {.begin = delay_begin, .timed_out = delay_over};
