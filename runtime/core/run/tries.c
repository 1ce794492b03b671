/* runtime/core/run/tries.c - Tries, pauses, and the time that they share. */
#include "runtime/core/run/tries.h"

#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/run/step.h"

enum { TRIES_MAX = 1000 }; /* without a limit a step that fails at once would be begun for ever */

static bool tries_of(const struct core *core, const struct interaction *ix, uint8_t fiber, uint64_t *tries)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    const struct image_wait *wait = vm_step(slab, block, fiber);
    uint16_t type;
    return wait && vm_operand(slab, block, fiber, wait->tries, tries, &type);
}

static uint64_t pause_us(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    const struct image_wait *wait = vm_step(slab, block, fiber);
    uint64_t word;
    uint16_t type;
    if (!wait || !vm_operand(slab, block, fiber, wait->pause, &word, &type) || (int64_t)word < 0) return 0;
    return word;
}

void tries_begin(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->slab;
    int64_t timeout_us = vm_timeout(slab, block_at(slab, ix->block), fiber);
    uint64_t tries;
    bool kept =
        timeout_us >= 0 && tries_of(core, ix, fiber, &tries); /* a step with one try is ended by its own timer */
    part_until_set(core->forks, ix, fiber_part(core->forks, ix, fiber),
                   kept ? core->now->time_us + (uint64_t)timeout_us : 0);
}

void tries_end(struct core *core, struct interaction *ix, uint8_t fiber)
{
    part_until_set(core->forks, ix, fiber_part(core->forks, ix, fiber), 0);
}

int64_t tries_left(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->slab;
    uint64_t until_us = part_until(core->forks, ix, fiber_part(core->forks, ix, fiber));
    if (until_us == 0) return vm_timeout(slab, block_at(slab, ix->block), fiber);
    return until_us > core->now->time_us ? (int64_t)(until_us - core->now->time_us) : 0;
}

static bool may_be_mended(unsigned code)
{
    switch (code) {
#define TRIED_AGAIN(code) case code_##code:
#include "vm/tried_again.def"
        return true;
    default:
        return false;
    }
}

/* True: another try may succeed after this code, and one is left; it is counted. */
static bool try_again(struct core *core, const struct interaction *ix, uint8_t fiber, unsigned code)
{
    struct slab *slab = core->slab;
    uint64_t tries;
    if (!may_be_mended(code)) return false;
    if (!tries_of(core, ix, fiber, &tries)) return false;
    uint16_t attempt = vm_attempt(slab, block_at(slab, ix->block), fiber);
    if ((int64_t)tries <= attempt + 1 || attempt + 1 >= TRIES_MAX) return false;
    vm_attempt_set(slab, ix->block, fiber, (uint16_t)(attempt + 1));
    return true;
}

static bool time_is_over(struct core *core, struct interaction *ix, uint8_t fiber)
{
    uint64_t until_us = part_until(core->forks, ix, fiber_part(core->forks, ix, fiber));
    return until_us != 0 && until_us <= core->now->time_us;
}

struct step_outcome tries_follow(struct core *core, struct interaction *ix, uint8_t fiber, struct step_outcome outcome)
{
    while (outcome.status == STEP_FAILS && try_again(core, ix, fiber, outcome.code)) {
        if (time_is_over(core, ix, fiber)) return step_fails(code_timeout);
        unsigned part = fiber_part(core->forks, ix, fiber);
        uint64_t again_us = core->now->time_us + pause_us(core, ix, fiber),
                 until_us = part_until(core->forks, ix, part);
        if (again_us > core->now->time_us) {
            if (until_us != 0 && again_us > until_us) again_us = until_us;
            if (fiber == 0 && ix->ends_us > core->now->time_us && again_us > ix->ends_us) again_us = ix->ends_us;
            interaction_timer(core->interactions, ix, TIMER_AGAIN, part, again_us);
            return step_waits();
        }
        outcome = step_begin(core, ix, fiber, 0);
    }
    return outcome;
}

struct step_outcome tries_next(struct core *core, struct interaction *ix, uint8_t fiber)
{
    struct step_outcome outcome =
        time_is_over(core, ix, fiber) ? step_fails(code_timeout) : step_begin(core, ix, fiber, 0);
    return tries_follow(core, ix, fiber, outcome);
}
