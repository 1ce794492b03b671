/* runtime/core/steps/grow.c - The step `priority += N every D`: the priority grows while the interaction waits. */
#include "vm/steps.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/queues/ageing.h"
#include "runtime/core/run/step.h"

enum { GROWTH_EVERY_US = 1000000 }; /* at the soonest: each time makes a batch */

/* From now on, for the first time when so long has passed. */
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
    ageing_forget(core->ageings, ix); /* by nothing or never: the priority stays as it is */
    if ((int64_t)every_us > 0 && every_us < GROWTH_EVERY_US) every_us = GROWTH_EVERY_US;
    if (by != 0 && (int64_t)every_us > 0) ageing_begin(core->ageings, ix, (int64_t)by, every_us, (int64_t)to);
    return step_done(0);
}

const struct step_ops step_ops_grow = {.begin = grow_begin};
