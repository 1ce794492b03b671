/* runtime/core/steps/fork.c - The steps `race` and `parallel`, whose children run at the same time (fiber.h). */
#include <assert.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"

/* Begins the step; the children begin when it waits, which strategy.c does. */
static struct step_outcome fork_step(struct core *core, struct interaction *ix, uint8_t fiber, bool race)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    assert(fiber == 0);
    int64_t timeout_us = vm_timeout(slab, block, 0);
    fork_begin(core->forks, ix, vm_children(slab, block, 0), race);
    if (timeout_us >= 0) step_timer(core, ix, 0, (uint64_t)timeout_us);
    return step_waits();
}

static struct step_outcome race_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    return fork_step(core, ix, fiber, true);
}

static struct step_outcome parallel_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    return fork_step(core, ix, fiber, false);
}

/* The time is over. A race fails as any step does; of parallel steps each one that has not ended fails by itself. */
static void parallel_late(struct core *core, struct interaction *ix, uint8_t fiber)
{
    (void)fiber;
    strategy_children_fail(core, ix, code_timeout);
}

const struct step_ops step_ops_race = {.begin = race_begin};
const struct step_ops step_ops_parallel = {.begin = parallel_begin, .timed_out = parallel_late};
