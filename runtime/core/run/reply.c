/* runtime/core/run/reply.c - The table of replies that are awaited: one row and one timer per interaction.
 *
 *     route who reply 2m        the agent accepts: the row begins, and the fiber stays parked at the route
 *       |  a reply, the end, another strategy              --> the row is free
 *       v  its time is over (media/overdue.c)
 *     else ...                  the strategy goes on with `no_reply`
 *
 * Nothing here ends the wait: that is for whoever knows the agents. */
#include "runtime/core/run/reply.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/keep.h"
#include "vm/steps.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/interaction.h"

/* A time for the reply that the strategy computes is brought within REPLY_LEAST_US and REPLY_MOST_US. */
enum { REPLY_LEAST_US = 1000000 };
#define REPLY_MOST_US (UINT64_C(366) * 86400 * 1000000)
/* Agents are warned when a quarter of their time is left, and at most so long before its end. */
#define REPLY_WARNED_US UINT64_C(900000000)

static uint64_t reply_key(const void *owner, uint32_t slot)
{
    return ((const struct replies *)owner)->all[slot].ixn;
}

static void replies_init(void *self, const struct parts *parts)
{
    struct core *core = self;
    (void)parts;
    *core->replies = (struct replies){.free = REPLY_NONE};
    lookup_init(&core->replies->by_ixn, core->replies, reply_key);
}

static void replies_free(void *self)
{
    struct core *core = self;
    free(core->replies->all);
    lookup_free(&core->replies->by_ixn);
}

static struct reply_row *reply_of(const struct core *core, const struct interaction *ix)
{
    uint32_t slot;
    const struct replies *replies = core->replies;
    return replies->by_ixn.count != 0 && lookup_find(&replies->by_ixn, ix->id, &slot) ? &replies->all[slot] : NULL;
}

/* Returns how long the agent may take to reply; 0: the route says nothing. A moment is one of the wall clock. */
static uint64_t reply_time_us(const struct core *core, const struct interaction *ix)
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    uint16_t type;
    int64_t us;
    if (!ix->submitted) return 0;
    if (vm_arg(core->slab, block, 0, PARAMETER_route_reply, &word, &type))
        us = (int64_t)word;
    else if (!vm_arg(core->slab, block, 0, PARAMETER_route_reply_by, &word, &type) || value_is_none(type, word) ||
             __builtin_sub_overflow((int64_t)word, now_wall_us(core->now), &us))
        return 0;
    if (us < REPLY_LEAST_US) return REPLY_LEAST_US;
    return (uint64_t)us > REPLY_MOST_US ? REPLY_MOST_US : (uint64_t)us;
}

void reply_later(struct core *core, uint32_t row, uint64_t in_us)
{
    assert(row < core->replies->count && core->replies->all[row].ixn != 0);
    timer_set(core->timers,
              &(struct timer){.deadline_us = core->now->time_us + in_us, .kind = TIMER_REPLY, .data = row});
}

bool reply_await(struct core *core, struct interaction *ix)
{
    struct replies *replies = core->replies;
    uint64_t in_us = reply_time_us(core, ix);
    if (in_us == 0) return false;
    reply_forget(core, ix);
    uint32_t slot = POOL_TAKE(replies, next);
    replies->all[slot] = (struct reply_row){.ixn = ix->id, .due_us = core->now->time_us + in_us, .next = REPLY_NONE};
    lookup_add(&replies->by_ixn, slot);
    reply_later(core, slot, in_us - (in_us / 4 < REPLY_WARNED_US ? in_us / 4 : REPLY_WARNED_US));
    interaction_touch(core->interactions, ix);
    return true;
}

bool reply_warns(struct core *core, uint32_t slot)
{
    struct reply_row *row = &core->replies->all[slot];
    if (row->warned) return false;
    row->warned = true;
    reply_later(core, slot, row->due_us > core->now->time_us ? row->due_us - core->now->time_us : 0);
    interaction_touch(core->interactions, interaction_by_id(core->interactions, row->ixn));
    return true;
}

uint64_t reply_due_us(const struct core *core, const struct interaction *ix)
{
    const struct reply_row *row = reply_of(core, ix);
    return row ? row->due_us : 0;
}

bool reply_given(struct core *core, struct interaction *ix)
{
    if (!reply_of(core, ix)) return false;
    assert(!ix->running);
    reply_forget(core, ix);
    vm_cancel(core->vm, ix->block, 0);
    return true;
}

void reply_forget(void *self, struct interaction *ix)
{
    struct core *core = self;
    struct replies *replies = core->replies;
    struct reply_row *row = reply_of(core, ix);
    if (!row) return;
    uint32_t slot = (uint32_t)(row - replies->all);
    timer_cancel(core->timers, &row->timer);
    lookup_remove(&replies->by_ixn, ix->id);
    POOL_GIVE(replies, slot, next);
    interaction_touch(core->interactions, ix);
}

/* Returns the hash of the interaction's row; 0: no reply is awaited. */
static uint64_t reply_hash(const void *self, const struct interaction *ix)
{
    const struct reply_row *row = reply_of(self, ix);
    return row ? table_mix64(row->due_us + 1) + row->warned : 0;
}

/* True: no strategy works on the interaction while a reply to it is awaited. */
static bool reply_holds(const void *self, const struct interaction *ix)
{
    const struct reply_row *row = reply_of(self, ix);
    return !row || (!ix->running && ix->submitted && row->timer != 0);
}

static void reply_row_keep(struct core *core, struct keeper *keeper, uint32_t slot)
{
    struct reply_row *row = &core->replies->all[slot];
    row->ixn = keep_u64(keeper, row->ixn);
    row->next = keep_index(keeper, row->next, core->replies->count, REPLY_NONE);
    if (row->ixn == 0) return;
    row->due_us = keep_u64(keeper, row->due_us);
    row->warned = keep_bool(keeper, row->warned);
    row->timer = timer_keep(core->timers, keeper, row->timer, 1u << TIMER_REPLY, slot, 0);
    lookup_restore(&core->replies->by_ixn, keeper, slot);
}

static void replies_keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    struct replies *replies = core->replies;
    POOL_KEEP(replies, keeper, UINT32_MAX);
    for (uint32_t slot = 0; slot < replies->count && keep_good(keeper); slot++) reply_row_keep(core, keeper, slot);
}

/* True: each row is that of an interaction whose reply is awaited, or is free. */
static bool replies_sound(void *self)
{
    struct core *core = self;
    const struct replies *replies = core->replies;
    struct marks marks = marks_of(replies->count);
    bool good = true;
    POOL_MARK_FREE(replies, next, ixn, 0, &marks, good);
    for (uint32_t at = core->interactions->first; good && at != INTERACTION_NONE;
         at = interaction_at(core->interactions, at)->next) {
        const struct reply_row *row = reply_of(core, interaction_at(core->interactions, at));
        if (row) good = marks_mark(&marks, (uint32_t)(row - replies->all)) && row->timer != 0;
    }
    return marks_end(&marks, replies->count) && good;
}

const struct part_ops part_ops_replies = {
    .size = sizeof(struct replies),
    .since = 15,
    .init = replies_init,
    .free = replies_free,
    .forget = reply_forget,
    .content = reply_hash,
    .holds = reply_holds,
    .keep = replies_keep,
    .sound = replies_sound,
};
