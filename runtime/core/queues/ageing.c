/* runtime/core/queues/ageing.c - Ageing: one row and one timer per interaction whose priority grows. */
#include "runtime/core/queues/ageing.h"

#include <stdlib.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/queues/vq.h"

static uint64_t growth_key(const void *owner, uint32_t slot)
{
    const struct ageings *growths = owner;
    return growths->all[slot].ixn;
}

static void growths_init(struct core *core)
{
    struct ageings *growths = core->ageings;
    *growths = (struct ageings){.free = AGEING_NONE};
    lookup_init(&growths->by_ixn, growths, growth_key);
}

static void growths_free(struct core *core)
{
    struct ageings *growths = core->ageings;
    free(growths->all);
    lookup_free(&growths->by_ixn);
}

static uint32_t growth_of(const struct core *core, const struct interaction *ix)
{
    uint32_t slot;
    return ix->grows && lookup_find(&core->ageings->by_ixn, ix->id, &slot) ? slot : AGEING_NONE;
}

static void set_timer(struct core *core, uint32_t slot)
{
    uint64_t every_us = core->ageings->all[slot].every_us;
    uint64_t due_us = every_us < UINT64_MAX - core->time_us ? core->time_us + every_us : UINT64_MAX;
    timer_set(core->timers, &(struct timer){.deadline_us = due_us, .kind = TIMER_AGEING, .data = slot});
}

void ageing_begin(struct core *core, struct interaction *ix, int64_t by, uint64_t every_us, int64_t to)
{
    struct ageings *growths = core->ageings;
    ageing_forget(core, ix);
    uint32_t slot = growths->free;
    if (slot != AGEING_NONE) {
        growths->free = growths->all[slot].next;
    } else {
        slot = growths->count++;
        growths->all = memory_grow(growths->all, &growths->capacity, growths->count, sizeof *growths->all);
    }
    growths->all[slot] = (struct ageing){.ixn = ix->id, .every_us = every_us, .by = by, .to = to, .next = AGEING_NONE};
    lookup_add(&growths->by_ixn, slot);
    ix->grows = true;
    set_timer(core, slot);
}

/* Once more; true where it has come to its end, which it never passes. */
static bool grown(const struct ageing *growth, int64_t *priority)
{
    int64_t sum;
    if (growth->by > 0 ? *priority >= growth->to : *priority <= growth->to) return true;
    if (__builtin_add_overflow(*priority, growth->by, &sum)) sum = growth->to;
    bool over = growth->by > 0 ? sum >= growth->to : sum <= growth->to;
    *priority = over ? growth->to : sum;
    return over;
}

static void timer_fired(struct core *core, const struct timer *timer)
{
    uint32_t slot = timer->data;
    struct ageing growth = core->ageings->all[slot];
    struct interaction *ix = interaction_by_id(core, growth.ixn);
    int64_t *priority = &block_at(core->slab, ix->block)->priority;
    if (grown(&growth, priority))
        ageing_forget(core, ix);
    else
        set_timer(core, slot);
    if (ix->visit != VISIT_NONE) vq_rerank(core->vqs, ix->visit, *priority);
    interaction_touch(core, ix);
}

static uint32_t *timer_handle(struct core *core, const struct timer *timer)
{
    return &core->ageings->all[timer->data].timer;
}

static uint64_t timer_number(const struct core *core, const struct timer *timer)
{
    return core->ageings->all[timer->data].ixn & ((UINT64_C(1) << 48) - 1);
}

const struct timer_ops timer_ops_ageing = {timer_handle, timer_number, timer_fired};

void ageing_forget(struct core *core, struct interaction *ix)
{
    struct ageings *growths = core->ageings;
    uint32_t slot = growth_of(core, ix);
    if (slot == AGEING_NONE) return;
    timer_cancel(core->timers, &growths->all[slot].timer);
    lookup_remove(&growths->by_ixn, ix->id);
    growths->all[slot] = (struct ageing){.next = growths->free};
    growths->free = slot;
    ix->grows = false;
}

/* 0: there is no ageing. */
static uint64_t ageing_hash(const struct core *core, const struct interaction *ix)
{
    uint32_t slot = growth_of(core, ix);
    if (slot == AGEING_NONE) return 0;
    const struct ageing *growth = &core->ageings->all[slot];
    return mix64(mix64(mix64(growth->every_us + 1) + (uint64_t)growth->by) + (uint64_t)growth->to);
}

const struct part_ops part_ops_ageings = {
    .size = sizeof(struct ageings),
    .init = growths_init,
    .free = growths_free,
    .forget = ageing_forget,
    .over = ageing_forget,
    .content = ageing_hash,
};
