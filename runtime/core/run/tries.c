/* runtime/core/run/tries.c - Tries of a step, the pauses between them, and the time limit for all together.
 *
 * A step may be tried several times within one timeout. `until` is the end of that timeout, and each try gets the
 * time that is left. In addition to the pause that the strategy names the core makes steps pause that fail too fast:
 * each failure adds 64 ms to a sum, which runs down as time passes, and an eighth of what exceeds 1 s is the pause. A
 * step that fails every millisecond is delayed more and more, and one that fails once a second never.
 *
 * A `switch to` begins a strategy with a lifetime of its own, so lifetimes do not end strategies that switch to each
 * other. Each switch adds 4 s to a second sum, which runs down as time passes, too, but not during pauses of the core:
 * two strategies that fail at once and switch are refused after 50 switches, and a round that takes a minute goes on.
 */
#include "runtime/core/run/tries.h"

#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"

enum {
    TRIES_MAX = 1000,        /* without a limit a step that fails at once would begin for ever */
    HURRY_FAILED_US = 64000, /* each failed step adds this time to a sum */
    HURRY_FREE_US = 1000000, /* the steps of an interaction begin at once up to this sum */
    HURRY_MAX_US = 8000000,  /* the sum never grows beyond this */
    HURRY_PAUSES = 8,        /* a step is delayed by what the sum has above HURRY_FREE_US, divided by this */
    SWITCH_US = 4000000,     /* each `switch to` adds this time to a second sum */
    SWITCHES_FREE = 50,      /* a switch is refused if the second sum exceeds this many times SWITCH_US */
};

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

/* Begins the tries of a step; only a step with several tries stores the end of its time. */
static void tries_begin(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->slab;
    int64_t timeout_us = vm_timeout(slab, block_at(slab, ix->block), fiber);
    uint64_t tries;
    bool kept =
        timeout_us >= 0 && tries_of(core, ix, fiber, &tries); /* a step with a single try is ended by its own timer */
    fiber_part_until_set(core->forks, ix, fiber_part(core->forks, ix, fiber),
                         kept ? core->now->time_us + (uint64_t)timeout_us : 0);
}

void tries_end(struct core *core, struct interaction *ix, uint8_t fiber)
{
    fiber_part_until_set(core->forks, ix, fiber_part(core->forks, ix, fiber), 0);
}

int64_t tries_left(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->slab;
    uint64_t until_us = fiber_part_until(core->forks, ix, fiber_part(core->forks, ix, fiber));
    if (until_us == 0) return vm_timeout(slab, block_at(slab, ix->block), fiber);
    return until_us > core->now->time_us ? (int64_t)(until_us - core->now->time_us) : 0;
}

/* Adds time for a failed step; the limit of the sum keeps each pause below a second. */
void tries_failed(struct core *core, struct interaction *ix, unsigned code)
{
    if (code == code_timeout || code == code_no_input) return; /* time went by */
    struct extra *extra = interaction_extra_make(core->interactions, ix);
    uint64_t now_us = core->now->time_us, from_us = extra->hurry_us > now_us ? extra->hurry_us : now_us;
    uint64_t hurry_us = from_us + HURRY_FAILED_US;
    extra->hurry_us = hurry_us < now_us + HURRY_MAX_US ? hurry_us : now_us + HURRY_MAX_US;
}

bool tries_switch(struct core *core, struct interaction *ix)
{
    struct extra *extra = interaction_extra_make(core->interactions, ix);
    uint64_t now_us = core->now->time_us, from_us = extra->switched_us > now_us ? extra->switched_us : now_us;
    if (from_us - now_us > (uint64_t)SWITCH_US * (SWITCHES_FREE - 1)) return false;
    extra->switched_us = from_us + SWITCH_US;
    return true;
}

/* Forgets the charges for failures and switches if they have run down by now. */
static void charges_over(struct core *core, struct interaction *ix)
{
    const struct extra *has = interaction_extra(core->interactions, ix);
    uint64_t now_us = core->now->time_us;
    bool hurry = has->hurry_us != 0 && has->hurry_us <= now_us;
    bool switched = has->switched_us != 0 && has->switched_us <= now_us;
    if (!hurry && !switched) return;
    struct extra *extra = interaction_extra_make(core->interactions, ix);
    if (hurry) extra->hurry_us = 0;
    if (switched) extra->switched_us = 0;
    interaction_extra_spare(core->interactions, ix);
}

/* Returns how long the interaction's next step is delayed. A pause does not lower the sum, so each pause is longer
 * than the one before. */
static uint64_t hurry_pause_us(struct core *core, struct interaction *ix)
{
    charges_over(core, ix);
    if (interaction_extra(core->interactions, ix)->hurry_us == 0) return 0;
    struct extra *extra = interaction_extra_make(core->interactions, ix);
    uint64_t now_us = core->now->time_us;
    if (extra->hurry_us <= now_us + HURRY_FREE_US) return 0;
    uint64_t pause_us = (extra->hurry_us - now_us - HURRY_FREE_US) / HURRY_PAUSES;
    extra->hurry_us += pause_us;
    if (extra->switched_us > now_us) extra->switched_us += pause_us;
    return pause_us;
}

/* Delays the fiber's next try. */
static struct step_outcome try_in(struct core *core, struct interaction *ix, uint8_t fiber, uint64_t pause_us)
{
    unsigned part = fiber_part(core->forks, ix, fiber);
    uint64_t again_us = core->now->time_us + pause_us, until_us = fiber_part_until(core->forks, ix, part);
    if (until_us != 0 && again_us > until_us) again_us = until_us;
    if (fiber == 0 && ix->ends_us > core->now->time_us && again_us > ix->ends_us) again_us = ix->ends_us;
    interaction_timer(core->interactions, ix, TIMER_AGAIN, part, again_us);
    return step_waits();
}

/* True: another try may succeed after the code. The codes are rows of a table (TRIED_AGAIN): a wrong argument fails
 * again in every try. */
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

/* True: another try may succeed after the code, and at least one is left; the try is counted. */
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
    uint64_t until_us = fiber_part_until(core->forks, ix, fiber_part(core->forks, ix, fiber));
    return until_us != 0 && until_us <= core->now->time_us;
}

/* Continues after a try, and tries again at once as long as no pause is due. The number of tries and the pauses
 * limit the loop. */
struct step_outcome tries_follow(struct core *core, struct interaction *ix, uint8_t fiber, struct step_outcome outcome)
{
    while (outcome.status == STEP_FAILS && try_again(core, ix, fiber, outcome.code)) {
        if (time_is_over(core, ix, fiber)) return step_fails(code_timeout);
        uint64_t own_us = pause_us(core, ix, fiber), hurry_us = hurry_pause_us(core, ix);
        if (own_us > 0 || hurry_us > 0) return try_in(core, ix, fiber, own_us > hurry_us ? own_us : hurry_us);
        outcome = step_begin(core, ix, fiber, 0);
    }
    return outcome;
}

struct step_outcome tries_first(struct core *core, struct interaction *ix, uint8_t fiber)
{
    tries_begin(core, ix, fiber);
    uint64_t pause_us = hurry_pause_us(core, ix);
    if (pause_us > 0) return try_in(core, ix, fiber, pause_us);
    return tries_follow(core, ix, fiber, step_begin(core, ix, fiber, 0));
}

/* The timer of a pause has fired: begins the next try. */
struct step_outcome tries_next(struct core *core, struct interaction *ix, uint8_t fiber)
{
    struct step_outcome outcome =
        time_is_over(core, ix, fiber) ? step_fails(code_timeout) : step_begin(core, ix, fiber, 0);
    return tries_follow(core, ix, fiber, outcome);
}
