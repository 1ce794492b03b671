/* runtime/core/run/activation.c - Moving an interaction into a strategy's block, switching to another strategy, and
 * ending. */
#include "runtime/core/run/activation.h"

#include <string.h>

#include "runtime/core/base/media.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/ageing.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/arguments.h"
#include "runtime/core/run/follow_up.h"
#include "runtime/core/run/step.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "runtime/core/site/table_cursor.h"

enum { ADDRESS_MAX = 256 };
#define LIFETIME_US         UINT64_C(28800000000) /* of a strategy that says none */
#define WITHOUT_STRATEGY_US UINT64_C(86400000000) /* a day: nobody has spoken of it since */

/* Claims that have not come so far: those who talk keep theirs. */
static void release_claims(struct core *core, struct interaction *ix, enum claim_state before)
{
    for (uint32_t at = ix->claims, next; at != CLAIM_NONE; at = next) {
        next = core->claims->all[at].next_of_interaction;
        if (core->claims->all[at].state < before) session_release(core, at, false);
    }
}

static void set_running(struct core *core, struct interaction *ix, bool running)
{
    core->running += running && !ix->running ? 1u : 0u;
    core->running -= !running && ix->running ? 1u : 0u;
    ix->running = running;
}

/* Drops what is pending of all fibers. The claims stay: whoever calls decides. */
static void cancel_all(struct core *core, struct interaction *ix)
{
    step_cancel(core, ix, 0);
    ix->route_phase = ROUTE_IDLE;
    ix->switches = false; /* what runs after a failure is not what was to end for another strategy */
}

void activation_let_go(struct core *core, struct interaction *ix)
{
    cancel_all(core, ix);
    release_claims(core, ix, CLAIM_ACTIVE);
    parts_leave(core, ix, VISIT_CLEARED);
    cursor_forget(core, ix);
}

void activation_over(struct core *core, struct interaction *ix)
{
    set_running(core, ix, false);
    ix->route_phase = ROUTE_IDLE;
    parts_over(core, ix);
    fork_end(core, ix);
    fiber_drop(core, ix, 0);
    timer_cancel(core->timers, &ix->timer[0]);
    effects_forget(core, ix);
    parts_leave(core, ix, VISIT_CLEARED);
    release_claims(core, ix, CLAIM_ROUTED); /* chosen, and not wanted */
    if (ix->state == IX_ROUTING)
        interaction_own(core, ix, IX_OBSERVED, OWNER_DEVICE, ix->dn); /* nobody took it: it stands where it is */
    if (ix->leg) interaction_timer(core, ix, TIMER_LIFETIME, 0, core->time_us + WITHOUT_STRATEGY_US);
    interaction_touch(core, ix);
}

/* There is no call whose end would carry the word. */
static void fails(struct core *core, struct interaction *ix, unsigned code, struct span why)
{
    if (ix->outcome == ENDED_OTHER) {
        ix->outcome = ENDED_FAILED;
        if (core->options.ending)
            core->options.ending(core->options.self, ix->id, why.length != 0 ? why : span_of(enum_name_code(code)));
    }
    activation_over(core, ix);
}

void activation_default(struct core *core, struct interaction *ix, unsigned code, struct span why)
{
    activation_let_go(core, ix);
    interaction_treatment(core, ix, 0);
    effects_forget(core, ix);
    vm_cancel(core->vm, ix->block, 0);
    if (!ix->leg || ix->gone || !link_usable(core, ix->link)) {
        fails(core, ix, code, why);
        return;
    }
    set_running(core, ix, true); /* until the adapter says where it went */
    ix->route_phase = ROUTE_DEFAULTING;
    interaction_own(core, ix, IX_ROUTING, OWNER_STRATEGY, ix->owner);
    interaction_timer(core, ix, TIMER_LIFETIME, 0, core->time_us + WITHOUT_STRATEGY_US);
    core->media[ix->media]->default_route(core, ix, code, why);
    interaction_tell(core, ix, FACT_default_asked, code, 0);
    interaction_touch(core, ix);
}

/* The arrival's block gives way to the strategy's: declared keys are found by name, and typed. Of a strategy before,
 * the data stay, and that it has been; not its priority: what adds to it would count twice where a strategy begins
 * anew. code_ok, or why it cannot be. */
static unsigned move_in(struct core *core, struct interaction *ix, struct binding binding)
{
    struct strategies *strategies = core->strategies;
    const struct image *image = strategies->programs[binding.program].image;
    block_handle old = ix->block;
    block_handle fresh = block_new(core->slab, image, image_strategy(image, binding.strategy), ix->id);
    if (fresh == BLOCK_HANDLE_NONE) return code_overload;
    struct kv data;
    kv_init(&data);
    userdata_all(core, ix, &data);
    for (unsigned number = 0; number < BLOCK_SYSTEM; number++) {
        const struct block *from = block_at(core->slab, old);
        char inlined[8];
        struct text text = block_text(block_image(core->slab, from), from, block_system(from, number), inlined);
        if (number == 4 || text.length == 0) continue; /* due is a time */
        char copy[ADDRESS_MAX];
        uint32_t length = text_cut(text.bytes, text.length, sizeof copy);
        memcpy(copy, text.bytes, length);
        uint64_t word = strategy_text(core, fresh, copy, length);
        block_system_set(core->slab, fresh, number, word);
    }
    block_system_set(core->slab, fresh, 4, block_system(block_at(core->slab, old), 4));
    struct block *to = block_at(core->slab, fresh);
    const struct block *from = block_at(core->slab, old);
    to->arrived = from->arrived;
    to->media = from->media;
    to->call_type = from->call_type;
    to->attempt = from->attempt < UINT16_MAX ? (uint16_t)(from->attempt + 1) : UINT16_MAX;
    block_free(core->slab, old);
    cursor_forget(core, ix);
    ix->block = fresh;
    ix->program = binding.program;
    userdata_take(core, ix, kv_span(&data));
    kv_free(&data);
    return arguments_take(core, ix, binding.given) ? code_ok : code_invalid_attribute;
}

static uint64_t ends_us(const struct core *core, const struct interaction *ix)
{
    const struct image *image = core->strategies->programs[ix->program].image;
    int64_t lifetime_us = image_strategy(image, interaction_strategy(core, ix))->lifetime_us;
    return core->time_us + (lifetime_us > 0 ? (uint64_t)lifetime_us : LIFETIME_US);
}

/* Block and strategy belong together: from now on it is the owner, for as long as it may live. */
static unsigned take_over(struct core *core, struct interaction *ix, struct binding binding)
{
    unsigned code = move_in(core, ix, binding);
    if (code != code_ok) return code;
    interaction_own(core, ix, IX_ROUTING, OWNER_STRATEGY, names_intern(core->names, strategy_title(core, ix)));
    timer_cancel(core->timers, &ix->timer[0]);
    ix->ends_us = ends_us(core, ix);
    return code_ok;
}

unsigned activation_begin(struct core *core, struct interaction *ix, struct binding binding)
{
    ageing_forget(core, ix);
    follow_up_forget(core, ix);
    ix->due_events = 0;
    unsigned code = take_over(core, ix, binding);
    if (code != code_ok) return code;
    set_running(core, ix, true);
    ix->gone = false;
    ix->switches = false;
    ix->route_phase = ROUTE_IDLE;
    return code_ok;
}

unsigned activation_switch(struct core *core, struct interaction *ix, uint16_t strategy)
{
    struct slab *slab = core->slab;
    const struct block before = *block_at(slab, ix->block);
    cancel_all(core, ix);
    parts_leave(core, ix, VISIT_CLEARED);
    release_claims(core, ix, CLAIM_ROUTED);
    struct binding binding = {.program = ix->program, .strategy = strategy, .given = kv_span(&core->given)};
    unsigned code = take_over(core, ix, binding);
    if (code != code_ok) return code;
    struct block *block = block_at(slab, ix->block);
    block->attempt = before.attempt;
    block->priority = before.priority;
    block->spent = before.spent;
    return code_ok;
}
