/* runtime/core/interactions/fiber.c - Parts, strands and forks: the timers and effects for
 * which the fibers of one interaction wait.
 *
 *     part 0     fiber 0, the strategy             timer and effect in the interaction itself
 *     part 1     its busy block (`child`)          second timer in the interaction
 *     part 2..   children of a race or parallel,   strands of a fork, which exists only
 *                and their busy blocks             while the block runs
 *
 * Most interactions never fork, so the first two parts have no memory of their own. A fork is one row with a fixed
 * number of strands. A strand with a parent belongs to the busy block that runs next to that child. */
#include "runtime/core/interactions/fiber.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/keep.h"
#include "vm/exec.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/claim.h"

static void forks_init(void *self, const struct parts *parts)
{
    struct forks *forks = self;
    *forks = (struct forks){.now = parts->now,
                            .claims = parts->claims,
                            .links = parts->links,
                            .rows = parts->rows,
                            .timers = parts->timers,
                            .slab = parts->slab,
                            .interactions = parts->interactions,
                            .effects = parts->effects,
                            .free = FORK_NONE};
}

static void forks_free(void *self)
{
    struct forks *forks = self;
    free(forks->all);
}

struct fork *fork_of(const struct forks *forks, const struct interaction *ix)
{
    assert(!ix->forked || ix->fork < forks->count);
    return ix->forked ? &forks->all[ix->fork] : NULL;
}

/* Gives the interaction a fork; the interaction must have no busy block then, since its second timer and its child
 * would have no place. */
void fork_begin(struct forks *forks, struct interaction *ix, unsigned children, bool race)
{
    assert(!ix->forked && ix->child == 0 && ix->timer[1] == 0);
    uint32_t number = POOL_TAKE(forks, next);
    forks->all[number] =
        (struct fork){.count = (uint8_t)children, .left = (uint8_t)children, .race = race, .last_code = code_timeout};
    forks->taken++;
    ix->fork = number;
    ix->forked = true;
}

/* Ends all effects and timers of the strands, when the step or the interaction ends. */
void fork_end(void *self, struct interaction *ix)
{
    struct forks *forks = self;
    struct fork *fork = fork_of(forks, ix);
    if (!fork) return;
    for (unsigned at = 0; at < STRANDS; at++) {
        effect_settled(forks->effects, ix, fork->strands[at].pending.ref);
        timer_cancel(forks->timers, &fork->strands[at].timer);
    }
    uint32_t number = ix->fork;
    POOL_GIVE(forks, number, next);
    assert(forks->taken > 0);
    forks->taken--;
    ix->forked = false;
    ix->until_us = 0;
}

/* Returns the strand of a fiber. NULL: the interaction itself holds this fiber's timer and effect. */
static struct strand *strand_of(const struct forks *forks, const struct interaction *ix, uint8_t fiber)
{
    struct fork *fork = fork_of(forks, ix);
    for (unsigned at = 0; fork && fiber != 0 && at < STRANDS; at++)
        if (fork->strands[at].used && fork->strands[at].fiber == fiber) return &fork->strands[at];
    return NULL;
}

/* Returns the strand of the busy block that runs next to the fiber `parent`. NULL: there is none. */
static struct strand *strand_beside(const struct forks *forks, const struct interaction *ix, uint8_t parent)
{
    struct fork *fork = fork_of(forks, ix);
    for (unsigned at = 0; fork && parent != 0 && at < STRANDS; at++)
        if (fork->strands[at].used && fork->strands[at].parent == parent) return &fork->strands[at];
    return NULL;
}

/* Gives a part to the fiber; a busy block that begins another round keeps its strand. False: no strand is free. */
bool fiber_add(struct forks *forks, struct interaction *ix, uint8_t fiber, uint8_t parent)
{
    struct fork *fork = fork_of(forks, ix);
    if (!fork) {
        ix->child = fiber;
        return true;
    }
    if (strand_of(forks, ix, fiber)) return true;
    struct strand *strand = strand_beside(forks, ix, parent);
    for (unsigned at = 0; !strand && at < STRANDS; at++)
        if (!fork->strands[at].used) strand = &fork->strands[at];
    if (!strand) return false;
    strand->used = true;
    strand->fiber = fiber;
    strand->parent = parent;
    return true;
}

static void strand_end(struct forks *forks, struct interaction *ix, struct strand *strand)
{
    effect_settled(forks->effects, ix, strand->pending.ref);
    timer_cancel(forks->timers, &strand->timer);
    *strand = (struct strand){.used = false};
}

/* Frees the part of a fiber that has ended: a child's strand at once. The strand of a busy block stays between its
 * rounds, because it says whether the block has waited. */
void fiber_gone(struct forks *forks, struct interaction *ix, uint8_t fiber)
{
    struct strand *strand = strand_of(forks, ix, fiber);
    if (ix->forked && !strand) return;
    if (strand && strand->parent == 0) {
        strand_end(forks, ix, strand);
        return;
    }
    timer_cancel(forks->timers, strand ? &strand->timer : &ix->timer[1]);
    *(strand ? &strand->fiber : &ix->child) = 0;
}

/* The busy block has ended for good: frees its strand, timer and effect. */
void fiber_drop(struct forks *forks, struct interaction *ix, uint8_t parent)
{
    struct strand *strand = strand_beside(forks, ix, parent);
    if (strand) strand_end(forks, ix, strand);
    if (ix->forked || parent != 0) return;
    ix->child = 0;
    timer_cancel(forks->timers, &ix->timer[1]);
}

uint8_t fiber_busy(const struct forks *forks, const struct interaction *ix, uint8_t parent)
{
    const struct strand *strand = strand_beside(forks, ix, parent);
    return strand ? strand->fiber : !ix->forked && parent == 0 ? ix->child : 0;
}

bool fiber_may_have_busy(const struct forks *forks, const struct interaction *ix, uint8_t fiber)
{
    const struct strand *strand = strand_of(forks, ix, fiber);
    return ix->forked ? strand && strand->parent == 0 : fiber == 0;
}

/* The inverse of fiber_of_part(). */
unsigned fiber_part(const struct forks *forks, const struct interaction *ix, uint8_t fiber)
{
    const struct strand *strand = strand_of(forks, ix, fiber);
    if (strand) return 2 + (unsigned)(strand - fork_of(forks, ix)->strands);
    return fiber == 0 ? 0 : 1;
}

/* Returns the part of the busy block; PARTS if there is no strand left. */
unsigned fiber_busy_part(struct forks *forks, struct interaction *ix, uint8_t parent)
{
    if (!ix->forked) return 1;
    /* Between two rounds the busy block has no fiber; its strand is then kept with the fiber number 0. */
    if (!strand_beside(forks, ix, parent) && !fiber_add(forks, ix, 0, parent)) return PARTS;
    return 2 + (unsigned)(strand_beside(forks, ix, parent) - fork_of(forks, ix)->strands);
}

uint8_t fiber_of_part(const struct forks *forks, const struct interaction *ix, unsigned part)
{
    const struct fork *fork = fork_of(forks, ix);
    if (part < 2) return part == 0 ? 0 : ix->child;
    return fork && part < PARTS ? fork->strands[part - 2].fiber : 0;
}

uint8_t fiber_parent_of_part(const struct forks *forks, const struct interaction *ix, unsigned part)
{
    const struct fork *fork = fork_of(forks, ix);
    return fork && part >= 2 && part < PARTS ? fork->strands[part - 2].parent : 0;
}

bool fiber_waited(const struct forks *forks, const struct interaction *ix, uint8_t parent)
{
    const struct strand *strand = strand_beside(forks, ix, parent);
    return strand ? strand->waited : !ix->forked && ix->child_waited;
}

void fiber_set_waited(struct forks *forks, struct interaction *ix, uint8_t parent, bool waited)
{
    struct strand *strand = strand_beside(forks, ix, parent);
    if (strand)
        strand->waited = waited;
    else if (!ix->forked)
        ix->child_waited = waited;
}

unsigned fibers_of(const struct forks *forks, const struct interaction *ix, uint8_t fibers[])
{
    const struct fork *fork = fork_of(forks, ix);
    unsigned count = 0;
    fibers[count++] = 0;
    if (ix->child != 0) fibers[count++] = ix->child;
    for (unsigned at = 0; fork && at < STRANDS; at++)
        if (fork->strands[at].used && fork->strands[at].fiber != 0) fibers[count++] = fork->strands[at].fiber;
    assert(count <= PARTS);
    return count;
}

/* Returns the timer handle of a part; NULL: the part does not exist; a handle of 0: no timer runs. */
uint32_t *fiber_part_timer(struct forks *forks, struct interaction *ix, unsigned part)
{
    struct fork *fork = fork_of(forks, ix);
    if (part < 2) return &ix->timer[part];
    return fork && part < PARTS ? &fork->strands[part - 2].timer : NULL;
}

/* Returns where a part's awaited effect is kept. Parts 0 and 1 share one place: a strategy and its busy block do not
 * await effects at the same time. */
struct pending *fiber_part_pending(struct forks *forks, struct interaction *ix, unsigned part)
{
    struct fork *fork = fork_of(forks, ix);
    if (part < 2) return &ix->pending;
    return fork && part < PARTS ? &fork->strands[part - 2].pending : NULL;
}

uint64_t fiber_part_until(const struct forks *forks, const struct interaction *ix, unsigned part)
{
    assert(part < PARTS && (part < 2 || ix->forked));
    if (part < 2) return interaction_extra(forks->interactions, ix)->tries_until_us[part];
    return fork_of(forks, ix)->strands[part - 2].until_us;
}

void fiber_part_until_set(struct forks *forks, struct interaction *ix, unsigned part, uint64_t until_us)
{
    assert(part < PARTS && (part < 2 || ix->forked));
    if (part >= 2) {
        fork_of(forks, ix)->strands[part - 2].until_us = until_us;
    } else if (until_us != 0 || ix->extra) {
        interaction_extra_make(forks->interactions, ix)->tries_until_us[part] = until_us;
        interaction_extra_spare(forks->interactions, ix);
    }
}

/* Returns the hash of the times until which parts wait; times that are not set add nothing. */
uint64_t fiber_until_hash(const struct forks *forks, const struct interaction *ix)
{
    const struct fork *fork = fork_of(forks, ix);
    uint64_t hash = 0;
    const struct extra *extra = interaction_extra(forks->interactions, ix);
    for (unsigned at = 0; at < 2; at++)
        if (extra->tries_until_us[at] != 0) hash += table_mix64(table_mix64(ix->id + at) + extra->tries_until_us[at]);
    for (unsigned at = 0; fork && at < STRANDS; at++)
        if (fork->strands[at].until_us != 0)
            hash += table_mix64(table_mix64(ix->id + at + 2) + fork->strands[at].until_us);
    return hash;
}

uint64_t *fiber_until(struct forks *forks, struct interaction *ix)
{
    struct fork *fork = fork_of(forks, ix);
    return fork ? &fork->until_us : &ix->until_us;
}

/* Returns the hash of a fork: until when it waits, which children have begun, which have ended, and how. The steps
 * at which the children wait are hashed with the block, and their requests are in the digest of effects. */
static uint64_t fork_hash(const void *self, const struct interaction *ix)
{
    const struct forks *forks = self;
    const struct fork *fork = fork_of(forks, ix);
    if (!fork) return 0;
    uint64_t hash = table_mix64(ix->id + fork->until_us);
    hash = table_mix64(hash + fork->code + ((uint64_t)fork->last_code << 16) + ((uint64_t)fork->race << 32));
    hash = table_mix64(hash + fork->count + ((uint64_t)fork->begun << 8) + ((uint64_t)fork->left << 16));
    for (unsigned at = 0; at < STRANDS; at++) {
        const struct strand *strand = &fork->strands[at];
        if (strand->used)
            hash = table_mix64(hash + at + 1 + ((uint64_t)strand->fiber << 8) + ((uint64_t)strand->parent << 16) +
                               ((uint64_t)strand->waited << 24));
    }
    return hash;
}

/* True: the fiber waits at a step, or a debugger has stopped it. */
static bool is_there(const struct slab *slab, const struct block *block, uint8_t fiber)
{
    return vm_parked(slab, block, fiber, NULL) || vm_stands(slab, block, fiber);
}

/* True: each strand belongs to a parked fiber and names its parent, and no unused strand has a timer or effect. */
static bool fibers_hold(const void *self, const struct interaction *ix)
{
    const struct forks *forks = self;
    const struct slab *slab = forks->slab;
    const struct block *block = block_at(slab, ix->block);
    const struct fork *fork = fork_of(forks, ix);
    if (!fork) return ix->child == 0 || is_there(slab, block, ix->child);
    if (!ix->running || ix->child != 0 || ix->timer[1] != 0 || vm_children(slab, block, 0) != fork->count) return false;
    unsigned children = 0;
    for (unsigned at = 0; at < STRANDS; at++) {
        const struct strand *strand = &fork->strands[at];
        if (!strand->used) {
            if (strand->timer != 0 || strand->pending.ref != 0 || strand->fiber != 0) return false;
            continue;
        }
        children += strand->parent == 0;
        if (strand->fiber == 0 && strand->parent == 0) return false;
        if (strand->fiber != 0 &&
            (!is_there(slab, block, strand->fiber) || vm_parent(slab, block, strand->fiber) != strand->parent))
            return false;
    }
    return children == fork->left && fork->begun == fork->count;
}

bool fiber_link_held(const struct forks *forks, const struct interaction *ix)
{
    return (ix->leg || ix->keeps) && link_held(forks->links, ix->link);
}

bool interaction_held(const struct forks *forks, const struct interaction *ix)
{
    return ix->stands || fiber_link_held(forks, ix);
}

/* Lets the timers run again, when a link is back or a leg is gone. Timers of an interaction that a debugger has
 * stopped stay frozen. */
void fiber_timers_thaw(struct forks *forks, struct interaction *ix)
{
    if (ix->stands) return;
    for (unsigned part = 0; part < (ix->forked ? PARTS : 2); part++) {
        timer_thaw(forks->timers, *fiber_part_timer(forks, ix, part));
        timer_thaw(forks->timers, fiber_part_pending(forks, ix, part)->timer);
    }
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = forks->claims->all[at].next_of_interaction)
        timer_thaw(forks->timers, forks->claims->all[at].timer);
    parts_thaw(forks->rows, ix);
}

/* Writes or reads a strand. A fork does not know its interaction, so its timers are checked when all is read
 * (forks_sound). */
static void keep_strand(struct keeper *keeper, struct strand *strand)
{
    strand->used = keep_bool(keeper, strand->used);
    if (!strand->used) return;
    pending_keep(keeper, &strand->pending);
    strand->pending.timer = keep_u32(keeper, strand->pending.timer);
    strand->until_us = keep_u64(keeper, strand->until_us);
    strand->timer = keep_u32(keeper, strand->timer);
    strand->fiber = keep_u8(keeper, strand->fiber);
    strand->parent = keep_u8(keeper, strand->parent);
    strand->waited = keep_bool(keeper, strand->waited);
}

static void keep_fork(const struct forks *forks, struct keeper *keeper, struct fork *fork)
{
    fork->until_us = keep_u64(keeper, fork->until_us);
    fork->next = keep_index(keeper, fork->next, forks->count, FORK_NONE);
    fork->code = keep_u16(keeper, fork->code);
    fork->last_code = keep_u16(keeper, fork->last_code);
    fork->count = keep_u8(keeper, fork->count);
    fork->begun = keep_u8(keeper, fork->begun);
    fork->left = keep_u8(keeper, fork->left);
    fork->race = keep_bool(keeper, fork->race);
    for (unsigned at = 0; at < STRANDS; at++) keep_strand(keeper, &fork->strands[at]);
}

static void forks_keep(void *self, struct keeper *keeper)
{
    struct forks *forks = self;
    POOL_KEEP(forks, keeper, UINT32_MAX);
    for (uint32_t at = 0; at < forks->count && keep_good(keeper); at++) keep_fork(forks, keeper, &forks->all[at]);
    forks->taken = keep_u32(keeper, forks->taken);
}

/* Claims the timers of the fork. True: each timer exists and no other row has it. */
static bool claim_timers(struct forks *forks, uint32_t slot, const struct fork *fork)
{
    const uint32_t of_step = 1u << TIMER_STEP | 1u << TIMER_LIFETIME | 1u << TIMER_AGAIN | 1u << TIMER_TURN;
    for (unsigned at = 0; at < STRANDS; at++)
        if (!timer_claim(forks->timers, fork->strands[at].timer, of_step, slot, at + 2) ||
            !timer_claim(forks->timers, fork->strands[at].pending.timer, 1u << TIMER_EFFECT, slot, at + 2))
            return false;
    return true;
}

/* True: each fork belongs to one interaction, or is free. */
static bool forks_sound(void *self)
{
    struct forks *forks = self;
    struct marks marks = marks_of(forks->count);
    bool good = true;
    for (uint32_t at = forks->interactions->first; good && at != INTERACTION_NONE;
         at = interaction_at(forks->interactions, at)->next) {
        const struct interaction *ix = interaction_at(forks->interactions, at);
        if (ix->forked) good = marks_mark(&marks, ix->fork) && claim_timers(forks, at, &forks->all[ix->fork]);
    }
    for (uint32_t at = forks->free; good && at != FORK_NONE; at = forks->all[at].next)
        if (!(good = marks_mark(&marks, at))) break;
    return marks_end(&marks, forks->count) && good;
}

const struct part_ops part_ops_forks = {
    .size = sizeof(struct forks),
    .init = forks_init,
    .free = forks_free,
    .forget = fork_end,
    .content = fork_hash,
    .holds = fibers_hold,
    .keep = forks_keep,
    .sound = forks_sound,
};
