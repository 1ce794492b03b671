/* runtime/core/steps/mandatory.c - The step `mandatory`: a part of a busy block that no selection interrupts. */
#include "vm/steps.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/steps/select.h"

/* Begins the mandatory part. When the mandatory part is over the selection looks for an agent before the block
 * continues, perhaps with another mandatory part. */
static struct step_outcome mandatory_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    const struct slab *slab = core->slab;
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

static void mandatory_over(struct core *core, struct interaction *ix, uint8_t fiber)
{
    strategy_step_done(core, ix, fiber, 0);
}

const struct step_ops step_ops_mandatory = {.begin = mandatory_begin, .timed_out = mandatory_over};
