/* runtime/core/steps/switch.c - The step `switch to`: another strategy continues with the same interaction and its
 * data. */
#include <assert.h>

#include "vm/steps.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/run/arguments.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/tries.h"

static struct step_outcome switch_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    uint64_t strategy;
    uint16_t type;
    assert(fiber == 0); /* the verifier allows this step only in the strategy's own fiber */
    if (ix->gone) return step_fails(code_gone);
    if (!vm_arg(slab, block, fiber, PARAMETER_switch_strategy, &strategy, &type) ||
        strategy >= image_count(block_image(slab, block), SECTION_STRATEGIES))
        return step_fails(code_invalid_attribute);
    if (!tries_switch(core, ix)) return step_fails(code_refused);
    if (!arguments_keep(core, ix, fiber, (uint32_t)strategy, PARAMETER_switch_argument))
        return step_fails(code_too_large);
    ix->switches = true;
    ix->route_code = (uint16_t)strategy;
    return step_done(0); /* strategy.c switches when the strategy has ended */
}

const struct step_ops step_ops_switch = {.begin = switch_begin};
