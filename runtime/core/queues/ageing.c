/* runtime/core/queues/ageing.c - Ageing: one row and one timer per interaction whose priority grows with time.
 *
 * The interaction has only the bit `grows`; the row is found by its id. A row exists from ageing_begin() until the
 * priority reaches its bound, another growth begins, or the interaction ends. The priority itself is in the
 * interaction's block. */
#include "runtime/core/queues/ageing.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/keep.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/interaction.h"

static uint64_t ageing_key(const void *owner, uint32_t slot)
{
    const struct ageings *ageings = owner;
    return ageings->all[slot].ixn;
}

static void ageings_init(void *self, const struct parts *parts)
{
    struct ageings *ageings = parts->ageings;
    (void)self;
    *ageings = (struct ageings){
        .now = parts->now,
        .timers = parts->timers,
        .interactions = parts->interactions,
        .slab = parts->slab,
        .free = AGEING_NONE,
    };
    lookup_init(&ageings->by_ixn, ageings, ageing_key);
}

static void ageings_free(void *self)
{
    struct ageings *ageings = self;
    free(ageings->all);
    lookup_free(&ageings->by_ixn);
}

static uint32_t ageing_of(const struct ageings *ageings, const struct interaction *ix)
{
    uint32_t slot;
    return ix->grows && lookup_find(&ageings->by_ixn, ix->id, &slot) ? slot : AGEING_NONE;
}

/* Sets the timer for the next step; a time that does not fit into 64 bits becomes UINT64_MAX, which is never
 * reached. */
static void ageing_set_timer(struct ageings *ageings, uint32_t slot)
{
    uint64_t every_us = ageings->all[slot].every_us;
    uint64_t due_us = every_us < UINT64_MAX - ageings->now->time_us ? ageings->now->time_us + every_us : UINT64_MAX;
    timer_set(ageings->timers, &(struct timer){.deadline_us = due_us, .kind = TIMER_AGEING, .data = slot});
}

void ageing_begin(struct ageings *ageings, struct interaction *ix, int64_t by, uint64_t every_us, int64_t to)
{
    ageing_forget(ageings, ix);
    uint32_t slot = POOL_TAKE(ageings, next);
    ageings->all[slot] = (struct ageing){.ixn = ix->id, .every_us = every_us, .by = by, .to = to, .next = AGEING_NONE};
    lookup_add(&ageings->by_ixn, slot);
    ix->grows = true;
    ageing_set_timer(ageings, slot);
}

/* Changes the priority by one step, but not beyond the bound. True: the priority has reached the bound. */
static bool ageing_step(const struct ageing *ageing, int64_t *priority)
{
    int64_t sum;
    if (ageing->by > 0 ? *priority >= ageing->to : *priority <= ageing->to) return true;
    if (__builtin_add_overflow(*priority, ageing->by, &sum)) sum = ageing->to;
    bool over = ageing->by > 0 ? sum >= ageing->to : sum <= ageing->to;
    *priority = over ? ageing->to : sum;
    return over;
}

/* Changes the priority only. Takes a step, and returns the interaction, whose visit the caller has to put into its
 * new place in the queue. */
struct interaction *ageing_due(struct ageings *ageings, uint32_t slot)
{
    struct ageing ageing = ageings->all[slot];
    struct interaction *ix = interaction_by_id(ageings->interactions, ageing.ixn);
    assert(ix && ix->grows);
    if (ageing_step(&ageing, &block_at(ageings->slab, ix->block)->priority))
        ageing_forget(ageings, ix);
    else
        ageing_set_timer(ageings, slot);
    return ix;
}

/* Ends the growth. Also called for interactions without growth, so it checks the bit first. */
void ageing_forget(void *self, struct interaction *ix)
{
    struct ageings *ageings = self;
    uint32_t slot = ageing_of(ageings, ix);
    if (slot == AGEING_NONE) return;
    timer_cancel(ageings->timers, &ageings->all[slot].timer);
    lookup_remove(&ageings->by_ixn, ix->id);
    POOL_GIVE(ageings, slot, next);
    assert(ix->grows);
    ix->grows = false;
}

/* Returns the hash of the interaction's growth; 0: its priority does not grow. */
static uint64_t ageing_hash(const void *self, const struct interaction *ix)
{
    const struct ageings *ageings = self;
    uint32_t slot = ageing_of(ageings, ix);
    if (slot == AGEING_NONE) return 0;
    const struct ageing *ageing = &ageings->all[slot];
    return table_mix64(table_mix64(table_mix64(ageing->every_us + 1) + (uint64_t)ageing->by) + (uint64_t)ageing->to);
}

static void ageing_keep(struct ageings *ageings, struct keeper *keeper, uint32_t slot)
{
    struct ageing *row = &ageings->all[slot];
    row->ixn = keep_u64(keeper, row->ixn);
    row->next = keep_index(keeper, row->next, ageings->count, AGEING_NONE);
    if (row->ixn == 0) return;
    row->every_us = keep_u64(keeper, row->every_us);
    row->by = keep_i64(keeper, row->by);
    row->to = keep_i64(keeper, row->to);
    row->timer = timer_keep(ageings->timers, keeper, row->timer, 1u << TIMER_AGEING, slot, 0);
    lookup_restore(&ageings->by_ixn, keeper, slot);
}

static void ageings_keep(void *self, struct keeper *keeper)
{
    struct ageings *ageings = self;
    POOL_KEEP(ageings, keeper, UINT32_MAX);
    for (uint32_t slot = 0; slot < ageings->count && keep_good(keeper); slot++) ageing_keep(ageings, keeper, slot);
}

/* True: each row belongs to an interaction whose priority grows, or is free. */
static bool ageings_sound(void *self)
{
    struct ageings *ageings = self;
    struct marks marks = marks_of(ageings->count);
    bool good = true;
    POOL_MARK_FREE(ageings, next, ixn, 0, &marks, good);
    for (uint32_t at = ageings->interactions->first; good && at != INTERACTION_NONE;
         at = interaction_at(ageings->interactions, at)->next) {
        uint32_t row = ageing_of(ageings, interaction_at(ageings->interactions, at));
        good = interaction_at(ageings->interactions, at)->grows ? marks_mark(&marks, row) : row == AGEING_NONE;
    }
    return marks_end(&marks, ageings->count) && good;
}

const struct part_ops part_ops_ageings = {
    .size = sizeof(struct ageings),
    .init = ageings_init,
    .free = ageings_free,
    .forget = ageing_forget,
    .over = ageing_forget,
    .content = ageing_hash,
    .keep = ageings_keep,
    .sound = ageings_sound,
};
