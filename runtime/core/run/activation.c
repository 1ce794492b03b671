/* runtime/core/run/activation.c - How an interaction moves into a strategy's block, switches to another strategy,
 * and leaves it.
 *
 *     activation_begin()    a strategy takes the interaction: new block, new lifetime
 *     activation_switch()   the strategy goes on as another one of the same program
 *     activation_default()  no strategy can go on: the link sends the call to its default
 *     activation_drop()     the strategy is ended from outside
 *     activation_over()     the common end: timers, forks, effects, visits, claims go back
 *
 * This file does not run the VM. strategy.c does that, and calls these functions between two slices of the VM. */
#include "runtime/core/run/activation.h"

#include <assert.h>
#include <string.h>

#include "vm/system_words.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/ageing.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/arguments.h"
#include "runtime/core/run/debug.h"
#include "runtime/core/run/follow_up.h"
#include "runtime/core/run/reply.h"
#include "runtime/core/run/step.h"
#include "runtime/core/rollouts/rollout.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/program.h"
#include "runtime/core/site/table_cursor.h"
#include "base/utf8.h"

enum { ADDRESS_MAX = 256 };
#define LIFETIME_US         UINT64_C(28800000000) /* lifetime of a strategy that does not declare one: 8 hours */
#define WITHOUT_STRATEGY_US UINT64_C(86400000000) /* a call that no link has reported for a day is over */

/* Ends the interaction's claims whose state is below `before`. Ending a claim changes the list, so `next` is read
 * first. */
static void activation_release_claims(struct core *core, struct interaction *ix, enum claim_state before)
{
    for (uint32_t at = ix->claims, next; at != CLAIM_NONE; at = next) {
        next = core->claims->all[at].next_of_interaction;
        if (core->claims->all[at].state < before) session_release(core->sessions, at, false);
    }
}

/* Returns the name of the interaction's strategy; 0: it never had one. */
static uint32_t activation_title(struct core *core, const struct interaction *ix)
{
    return ix->program == PROGRAM_NONE ? 0 : names_intern(core->names, strategy_title(core->strategies, ix));
}

/* Notes whether the strategy runs, updates the core's count of running strategies, and reports the fact. */
static void set_running(struct core *core, struct interaction *ix, bool running)
{
    assert(running || !ix->running || core->running > 0);
    core->running += running && !ix->running ? 1u : 0u;
    core->running -= !running && ix->running ? 1u : 0u;
    bool told = ix->running != running;
    ix->running = running;
    if (told) interaction_tell(core->interactions, ix, FACT_strategy_works, running, activation_title(core, ix));
}

/* Reports a fact if the interaction has another strategy now. `before`: the strategy that worked on it until now; 0:
 * none. */
static void tell_works(struct core *core, struct interaction *ix, uint32_t before)
{
    uint32_t name = before == 0 ? 0 : activation_title(core, ix);
    if (before == name) return;
    interaction_tell(core->interactions, ix, FACT_strategy_works, 0, before);
    interaction_tell(core->interactions, ix, FACT_strategy_works, 1, name);
}

/* Cancels the pending steps of all fibers. The claims stay; the caller decides what to do with them. */
static void cancel_all(struct core *core, struct interaction *ix)
{
    step_cancel(core, ix, 0);
    ix->route_phase = ROUTE_IDLE;
    ix->switches = false; /* a handler that runs now must not switch to another strategy when it ends */
}

/* Cancels what the strategy waits for, because it is about to do something else. Claims of agents who have the
 * interaction stay; those of agents who are chosen, asked or called end. */
void activation_let_go(struct core *core, struct interaction *ix)
{
    debug_moves(core, ix);
    cancel_all(core, ix);
    activation_release_claims(core, ix, CLAIM_ACTIVE);
    parts_leave(core->parts, ix, VISIT_CLEARED);
    cursor_forget(core->cursors, ix);
}

/* Ends the strategy's activation. The order matters: the parts are told of the end while the fork and its timers
 * exist, and claims end last. A call that still has a leg gets a timer of one day, so that it ends even if its link
 * forgets it. */
void activation_over(struct core *core, struct interaction *ix)
{
    set_running(core, ix, false);
    ix->route_phase = ROUTE_IDLE;
    debug_moves(core, ix);
    /* If the strategy is to go on when a reply does not come, it keeps its tables, and its priority goes on growing. */
    if (!reply_waits(core, ix)) parts_over(core->parts, ix);
    fork_end(core->forks, ix);
    fiber_drop(core->forks, ix, 0);
    timer_cancel(core->timers, &ix->timer[0]);
    effects_forget(core->effects, ix);
    parts_leave(core->parts, ix, VISIT_CLEARED);
    activation_release_claims(core, ix, CLAIM_ROUTED); /* ends claims of chosen agents to whom no call was routed */
    if (!ix->submitted && ix->state == IX_ROUTING)
        interaction_own(core->interactions, ix, IX_OBSERVED, OWNER_DEVICE, ix->dn); /* the call is still at its DN */
    if (ix->submitted)
        core->media[ix->media]->over(core, ix);
    else if (ix->leg)
        interaction_timer(core->interactions, ix, TIMER_LIFETIME, 0, core->now->time_us + WITHOUT_STRATEGY_US);
    interaction_touch(core->interactions, ix);
}

void activation_drop(struct core *core, struct interaction *ix, unsigned outcome)
{
    activation_let_go(core, ix);
    interaction_treatment(core->interactions, ix, 0);
    vm_cancel(core->vm, ix->block, 0);
    ix->outcome = outcome & 15u;
    activation_over(core, ix);
}

/* Ends the activation with a failure. Tests are told of it here, because there is no call that could go to the
 * default destination. */
static void activation_fails(struct core *core, struct interaction *ix, unsigned code, struct span why)
{
    if (ix->outcome == ENDED_OTHER) {
        ix->outcome = ENDED_FAILED;
        if (core->options.ending)
            core->options.ending(core->options.self, ix->id, why.length != 0 ? why : span_of(enum_name_code(code)));
    }
    activation_over(core, ix);
}

/* Sends the call to the default destinations. Without a leg, or with a link that is down, no link can do this: the
 * activation fails. Otherwise the strategy counts as running until the link reports where the call went. */
void activation_default(struct core *core, struct interaction *ix, unsigned code, struct span why)
{
    interaction_tell(core->interactions, ix, FACT_strategy_failed, code, 0);
    activation_let_go(core, ix);
    interaction_treatment(core->interactions, ix, 0);
    effects_forget(core->effects, ix);
    vm_cancel(core->vm, ix->block, 0);
    if (ix->submitted || !ix->leg || ix->gone || !link_usable(core->links, ix->link)) {
        activation_fails(core, ix, code, why);
        return;
    }
    set_running(core, ix, true); /* the strategy counts as running until the link reports where the call went */
    ix->route_phase = ROUTE_DEFAULTING;
    interaction_own(core->interactions, ix, IX_ROUTING, OWNER_STRATEGY, ix->owner);
    interaction_timer(core->interactions, ix, TIMER_LIFETIME, 0, core->now->time_us + WITHOUT_STRATEGY_US);
    core->media[ix->media]->default_route(core, ix, code, why);
    interaction_tell(core->interactions, ix, FACT_default_asked, code, 0);
    interaction_touch(core->interactions, ix);
}

/* Replaces the interaction's block by a new one with the strategy's keys. User data move by name and get the
 * declared types; system values and the number of attempts move, too. The priority is not moved: a strategy that
 * raises it would raise it twice when it begins again. Returns code_ok, or why the strategy cannot begin. */
static unsigned move_in(struct core *core, struct interaction *ix, struct binding binding)
{
    struct strategies *strategies = core->strategies;
    assert(binding.program < strategies->program_count);
    const struct image *image = strategies->programs[binding.program].image;
    block_handle old = ix->block;
    block_handle fresh = block_new(core->slab, image, image_strategy(image, binding.strategy));
    if (fresh == BLOCK_HANDLE_NONE) return code_overload;
    for (unsigned number = 0; number < BLOCK_SYSTEM; number++) {
        const struct block *from = block_at(core->slab, old);
        char inlined[8];
        struct text text = block_text(block_image(core->slab, from), from, block_system(from, number), inlined);
        if (number == SYSTEM_due || text.length == 0) continue; /* a time, which is moved below */
        /* a copy, since making the text may move the block into which `text` points */
        char copy[ADDRESS_MAX];
        uint32_t length = utf8_cut(text.bytes, text.length, sizeof copy);
        memcpy(copy, text.bytes, length);
        uint64_t word = strategy_text(core->strategies, fresh, copy, length);
        block_system_set(core->slab, fresh, number, word);
    }
    block_system_set(core->slab, fresh, SYSTEM_due, block_system(block_at(core->slab, old), SYSTEM_due));
    struct block *to = block_at(core->slab, fresh);
    const struct block *from = block_at(core->slab, old);
    to->arrived = from->arrived;
    to->media = from->media;
    to->call_type = from->call_type;
    to->attempt = from->attempt < UINT16_MAX ? (uint16_t)(from->attempt + 1) : UINT16_MAX;
    cursor_forget(core->cursors, ix);
    uint16_t before = ix->program;
    strategy_enter(core->strategies, ix, binding.program);
    vqs_program_left(core->vqs, before);
    userdata_move(core->interactions, ix, fresh);
    return arguments_take(core, ix, binding.given) ? code_ok : code_invalid_attribute;
}

/* Returns when the activation ends: the earlier of the strategy's lifetime and the queue's limit for routing. */
static uint64_t ends_us(const struct core *core, const struct interaction *ix)
{
    assert(ix->program < core->strategies->program_count);
    const struct image *image = core->strategies->programs[ix->program].image;
    int64_t lifetime_us = image_strategy(image, interaction_strategy(core->interactions, ix))->lifetime_us;
    uint64_t us = lifetime_us > 0 ? (uint64_t)lifetime_us : LIFETIME_US;
    uint64_t most_us = core_directory_queue(core->directory, submitted_queue(core->submissions, ix)).routing_us;
    return core->now->time_us + (most_us != 0 && most_us < us ? most_us : us);
}

/* Moves the interaction into the strategy's block, makes the strategy the owner and begins its lifetime. */
static unsigned activation_take_over(struct core *core, struct interaction *ix, struct binding binding)
{
    unsigned code = move_in(core, ix, binding);
    if (code != code_ok) return code;
    interaction_own(core->interactions, ix, IX_ROUTING, OWNER_STRATEGY, activation_title(core, ix));
    timer_cancel(core->timers, &ix->timer[0]);
    ix->ends_us = ends_us(core, ix);
    return code_ok;
}

/* Begins the strategy. If the block has no room or the arguments do not fit, the caller must ask for the default
 * destination. The interaction may already be in the new program in that case. */
unsigned activation_begin(struct core *core, struct interaction *ix, struct binding binding)
{
    rollout_rides(core->rollouts, ix, &binding);
    ageing_forget(core->ageings, ix);
    follow_up_forget(core, ix);
    reply_forget(core, ix);
    interaction_due_events_set(core->interactions, ix, 0);
    uint32_t worked = ix->running ? activation_title(core, ix) : 0;
    unsigned code = activation_take_over(core, ix, binding);
    tell_works(core, ix, worked); /* the interaction may have moved although the strategy has not begun */
    if (code != code_ok) return code;
    set_running(core, ix, true);
    interaction_tell(core->interactions, ix, FACT_strategy_begun, binding.follows ? BEGUN_FOLLOWING : BEGUN_SERVING,
                     activation_title(core, ix));
    ix->gone = false;
    ix->switches = false;
    ix->route_phase = ROUTE_IDLE;
    return code_ok;
}

void activation_goes_on(struct core *core, struct interaction *ix)
{
    assert(!ix->running && ix->claims == CLAIM_NONE);
    follow_up_forget(core, ix);
    timer_cancel(core->timers, &ix->timer[0]);
    interaction_own(core->interactions, ix, IX_ROUTING, OWNER_STRATEGY, activation_title(core, ix));
    ix->ends_us = ends_us(core, ix);
    ix->outcome = ENDED_OTHER;
    ix->route_phase = ROUTE_IDLE;
    /* An agent has had the interaction since the strategies last passed it on, so the count of their circle begins
     * anew. */
    struct block *block = block_at(core->slab, ix->block);
    if (block->attempt > 1) block->attempt = 1;
    set_running(core, ix, true);
}

/* Switches to another strategy. Attempt, priority and fuel are kept: a strategy that switches for ever must meet the
 * same limits as one that loops. */
unsigned activation_switch(struct core *core, struct interaction *ix, uint16_t strategy)
{
    struct slab *slab = core->slab;
    const struct block before = *block_at(slab, ix->block);
    cancel_all(core, ix);
    parts_leave(core->parts, ix, VISIT_CLEARED);
    activation_release_claims(core, ix, CLAIM_ROUTED);
    struct binding binding = {.program = ix->program, .strategy = strategy, .given = kv_span(&core->given)};
    uint32_t worked = activation_title(core, ix);
    unsigned code = activation_take_over(core, ix, binding);
    tell_works(core, ix, worked); /* the interaction may have moved although the strategy has not begun */
    if (code != code_ok) return code;
    interaction_tell(core->interactions, ix, FACT_strategy_begun, BEGUN_SWITCHED, activation_title(core, ix));
    struct block *block = block_at(slab, ix->block);
    block->attempt = before.attempt;
    block->priority = before.priority;
    block->spent = before.spent;
    return code_ok;
}
