/* runtime/core/run/reply.c - The table of replies that are awaited: one row and one timer per interaction.
 *
 *     route who reply 2m        the agent accepts: the row begins, and the fiber stays parked at the route
 *       |  a reply: with `absence 10m` the row stays, without a time for the reply
 *       |  a reply, the end, another strategy              --> the row is free
 *       v  its time is over (media/overdue.c)
 *     else ...                  the strategy goes on with `no_reply`
 *
 * This file does not take the interaction from its agents: media/overdue.c does that. */
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
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/run/step.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/base/media.h"

/* A time for the reply that the strategy computes is brought within REPLY_LEAST_US and REPLY_MOST_US. */
enum { REPLY_LEAST_US = 1000000, REPLY_HAS_ABSENCE = 16 /* the version of snapshots that keeps `absence` */ };
#define REPLY_MOST_US (UINT64_C(366) * 86400 * 1000000)
/* Agents are warned when a quarter of their time is left, but at most this long before its end. */
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

/* Returns how long the agent may take to reply; 0: the route says nothing. `reply by` gives a moment of the wall clock.
 * A moment whose distance from now cannot be computed counts as the farthest past or future. */
static uint64_t reply_time_us(const struct core *core, const struct interaction *ix)
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    uint16_t type;
    int64_t us;
    if (!ix->submitted) return 0;
    if (vm_arg(core->slab, block, 0, PARAMETER_route_reply, &word, &type))
        us = (int64_t)word;
    else if (!vm_arg(core->slab, block, 0, PARAMETER_route_reply_by, &word, &type) || value_is_none(type, word))
        return 0;
    else if (__builtin_sub_overflow((int64_t)word, now_wall_us(core->now), &us))
        us = (int64_t)word < 0 ? INT64_MIN : INT64_MAX;
    if (us < REPLY_LEAST_US) return REPLY_LEAST_US;
    return (uint64_t)us > REPLY_MOST_US ? REPLY_MOST_US : (uint64_t)us;
}

/* Returns how long whoever has accepted the interaction may be away; 0: the route says nothing. */
static uint64_t reply_absence_us(const struct core *core, const struct interaction *ix)
{
    uint64_t word;
    uint16_t type;
    if (!ix->submitted ||
        !vm_arg(core->slab, block_at(core->slab, ix->block), 0, PARAMETER_route_absence, &word, &type))
        return 0;
    if ((int64_t)word < REPLY_LEAST_US) return REPLY_LEAST_US;
    return word > REPLY_MOST_US ? REPLY_MOST_US : word;
}

void reply_later(struct core *core, uint32_t row, uint8_t part, uint64_t in_us)
{
    assert(row < core->replies->count && core->replies->all[row].ixn != 0);
    timer_set(
        core->timers,
        &(struct timer){.deadline_us = core->now->time_us + in_us, .kind = TIMER_REPLY, .part = part, .data = row});
}

/* Is the agent away for this medium: not ready, logged out, in an unknown state, or out of reach? */
static bool reply_agent_is_away(const struct core *core, const struct interaction *ix, uint32_t agent)
{
    const struct agent *who = agent_at(core->agents, agent);
    enum media medium = core->media[ix->media]->capacity(ix);
    enum agent_state state = session_state(who, medium);
    return state == agent_state_not_ready || state == agent_state_logged_out || state == agent_state_unknown ||
           has_medium(who->media_away, medium);
}

static bool reply_owner_is_away(const struct core *core, const struct interaction *ix)
{
    uint32_t agent;
    if (ix->state != IX_HANDLING || ix->owner_kind != OWNER_AGENT) return false;
    return !agent_find(core->agents, ix->owner, &agent) || reply_agent_is_away(core, ix, agent);
}

/* Returns in how many microseconds the core looks again whether the owner of the work is away. */
static uint64_t away_next_us(const struct core *core, const struct reply_row *row)
{
    uint64_t quarter_us = row->absence_us / 4, now_us = core->now->time_us;
    if (row->away_due_us == 0) return quarter_us;
    uint64_t left_us = row->away_due_us > now_us ? row->away_due_us - now_us : 0;
    return !row->away_warned && left_us > quarter_us ? left_us - quarter_us : left_us;
}

static void reply_row_look(struct core *core, struct interaction *ix, struct reply_row *row, bool anew)
{
    bool away = reply_owner_is_away(core, ix), before = row->away_due_us != 0;
    if (row->absence_us == 0 || (away == before && !(away && anew))) return;
    /* an agent who is back is told at once that the work stays, since the desk may have shown when it would be taken
     * away */
    row->away_warned = !away;
    row->away_due_us = away ? core->now->time_us + row->absence_us : 0;
    timer_cancel(core->timers, &row->away_timer);
    reply_later(core, (uint32_t)(row - core->replies->all), REPLY_AWAY, away ? away_next_us(core, row) : 0);
    interaction_touch(core->interactions, ix);
}

void reply_look(struct core *core, struct interaction *ix)
{
    struct reply_row *row = reply_of(core, ix);
    if (row) reply_row_look(core, ix, row, true);
}

/* This function serves both operations, agent_told and agent_moves. */
static void reply_agent_told(void *self, uint32_t agent)
{
    struct core *core = self;
    if (core->replies->by_ixn.count == 0) return;
    for (uint32_t at = agent_at(core->agents, agent)->claims; at != CLAIM_NONE;
         at = claim_at(core->claims, at)->next_of_agent) {
        struct interaction *ix = interaction_at(core->interactions, claim_at(core->claims, at)->interaction);
        struct reply_row *row = reply_of(core, ix);
        if (row) reply_row_look(core, ix, row, false);
    }
}

bool reply_left(struct core *core, struct interaction *ix)
{
    struct reply_row *row = reply_of(core, ix);
    if (!row || row->absence_us == 0) return false;
    row->away_due_us = core->now->time_us;
    timer_cancel(core->timers, &row->away_timer);
    reply_later(core, (uint32_t)(row - core->replies->all), REPLY_AWAY, 0);
    interaction_touch(core->interactions, ix);
    return true;
}

/* True: an agent has the interaction, and is there for it. */
static bool reply_owner_is_there(const struct core *core, const struct interaction *ix)
{
    return ix->state == IX_HANDLING && ix->owner_kind == OWNER_AGENT && !reply_owner_is_away(core, ix);
}

bool reply_is_away(struct core *core, uint32_t slot, bool *tells, bool *warns)
{
    struct reply_row *row = &core->replies->all[slot];
    struct interaction *ix = interaction_by_id(core->interactions, row->ixn);
    bool away = reply_owner_is_away(core, ix), there = reply_owner_is_there(core, ix);
    *tells = *warns = false;
    if (row->away_due_us != 0 && row->away_due_us <= core->now->time_us && !there) return true;
    if (there && row->away_due_us != 0) /* the link is back: this timer is the first to notice it */
        row->away_due_us = 0, row->away_warned = true;
    if (away && row->away_due_us == 0) /* the link is lost: this timer is the first to notice it */
        row->away_due_us = core->now->time_us + row->absence_us, row->away_warned = false;
    else if (away != row->away_warned)
        *tells = true, *warns = row->away_warned = away;
    reply_later(core, slot, REPLY_AWAY, away_next_us(core, row));
    interaction_touch(core->interactions, ix);
    return false;
}

/* Begins the time for the reply. */
static void reply_begins(struct core *core, uint32_t slot)
{
    struct reply_row *row = &core->replies->all[slot];
    uint64_t in_us = row->given_us;
    row->due_us = core->now->time_us + in_us;
    row->warned = false;
    reply_later(core, slot, REPLY_DUE, in_us - (in_us / 4 < REPLY_WARNED_US ? in_us / 4 : REPLY_WARNED_US));
}

bool reply_handed(struct core *core, struct interaction *ix)
{
    struct reply_row *row = reply_of(core, ix);
    if (!row || row->due_us != 0 || row->given_us == 0) return false;
    reply_begins(core, (uint32_t)(row - core->replies->all));
    interaction_touch(core->interactions, ix);
    return true;
}

bool reply_await(struct core *core, struct interaction *ix)
{
    struct replies *replies = core->replies;
    uint64_t in_us = reply_time_us(core, ix), absence_us = reply_absence_us(core, ix);
    if (in_us == 0 && absence_us == 0) return false;
    /* There is no row yet: activation_begin() has forgotten that of an earlier strategy. */
    uint32_t slot = POOL_TAKE(replies, next);
    replies->all[slot] = (struct reply_row){.ixn = ix->id, .absence_us = absence_us, .next = REPLY_NONE};
    lookup_add(&replies->by_ixn, slot);
    replies->all[slot].given_us = in_us;
    if (in_us != 0) reply_begins(core, slot);
    if (absence_us != 0) {
        reply_later(core, slot, REPLY_AWAY, absence_us / 4);
        reply_row_look(core, ix, &replies->all[slot], false);
    }
    interaction_touch(core->interactions, ix);
    return true;
}

bool reply_warns(struct core *core, uint32_t slot)
{
    struct reply_row *row = &core->replies->all[slot];
    if (row->warned) return false;
    row->warned = true;
    reply_later(core, slot, REPLY_DUE, row->due_us > core->now->time_us ? row->due_us - core->now->time_us : 0);
    interaction_touch(core->interactions, interaction_by_id(core->interactions, row->ixn));
    return true;
}

uint64_t reply_due_us(const struct core *core, const struct interaction *ix)
{
    const struct reply_row *row = reply_of(core, ix);
    return row ? row->due_us : 0;
}

uint64_t reply_away_due_us(const struct core *core, const struct interaction *ix)
{
    const struct reply_row *row = reply_of(core, ix);
    return row ? row->away_due_us : 0;
}

bool reply_is_awaited(const struct core *core, const struct interaction *ix)
{
    const struct reply_row *row = reply_of(core, ix);
    return row && row->due_us != 0;
}

bool reply_given(struct core *core, struct interaction *ix)
{
    struct reply_row *row = reply_of(core, ix);
    if (!row || row->due_us == 0) return false;
    assert(!ix->running);
    if (row->absence_us != 0) {
        row->due_us = 0;
        timer_cancel(core->timers, &row->timer);
        interaction_touch(core->interactions, ix);
        return true;
    }
    reply_over(core, ix);
    return true;
}

bool reply_waits(const struct core *core, const struct interaction *ix)
{
    return reply_of(core, ix) != NULL;
}

void reply_over(struct core *core, struct interaction *ix)
{
    if (!reply_of(core, ix)) return;
    assert(!ix->running);
    reply_forget(core, ix);
    vm_cancel(core->vm, ix->block, 0);
    parts_over(core->parts, ix); /* activation_over() has left this out, since the strategy could still go on */
}

/* Lets the timers of the row run again: a reply that became overdue while the link was away is overdue at once. */
static void reply_thaw(void *self, struct interaction *ix)
{
    struct core *core = self;
    const struct reply_row *row = reply_of(core, ix);
    if (!row) return;
    timer_thaw(core->timers, row->timer);
    timer_thaw(core->timers, row->away_timer);
}

void reply_forget(void *self, struct interaction *ix)
{
    struct core *core = self;
    struct replies *replies = core->replies;
    struct reply_row *row = reply_of(core, ix);
    if (!row) return;
    uint32_t slot = (uint32_t)(row - replies->all);
    timer_cancel(core->timers, &row->timer);
    timer_cancel(core->timers, &row->away_timer);
    lookup_remove(&replies->by_ixn, ix->id);
    POOL_GIVE(replies, slot, next);
    interaction_touch(core->interactions, ix);
}

/* Returns the hash of the interaction's row; 0: no reply is awaited. */
static uint64_t reply_hash(const void *self, const struct interaction *ix)
{
    const struct reply_row *row = reply_of(self, ix);
    if (!row) return 0;
    uint64_t hash = table_mix64(row->due_us + 1) + row->warned;
    if (row->absence_us == 0) return hash; /* without `absence` a row has the hash of older versions */
    return table_mix64(hash ^ table_mix64(row->absence_us + row->given_us) ^ (row->away_due_us << 1) ^
                       row->away_warned);
}

/* True: the row has the timers that it needs, and at least one. */
static bool has_timers(const struct reply_row *row)
{
    return (row->due_us != 0) == (row->timer != 0) && (row->absence_us != 0) == (row->away_timer != 0) &&
           (row->timer != 0 || row->away_timer != 0);
}

/* True: a timer of the row is frozen although nothing holds the interaction: nothing would ever thaw it. */
static bool reply_stuck(const struct core *core, const struct interaction *ix, const struct reply_row *row)
{
    return (timer_frozen(core->timers, row->timer) || timer_frozen(core->timers, row->away_timer)) &&
           !interaction_held(core->forks, ix);
}

/* True: no strategy works on the interaction while a reply to it is awaited, and the strategy's fiber stands at a
 * route, from which it goes on. The row's timers run, or will run again. */
static bool reply_holds(const void *self, const struct interaction *ix)
{
    const struct core *core = self;
    const struct reply_row *row = reply_of(core, ix);
    return !row || (!ix->running && ix->submitted && has_timers(row) && !reply_stuck(core, ix, row) &&
                    step_of(core, ix, 0) == STEP_ID_route);
}

static void reply_row_keep(struct core *core, struct keeper *keeper, uint32_t slot)
{
    struct reply_row *row = &core->replies->all[slot];
    row->ixn = keep_u64(keeper, row->ixn);
    row->next = keep_index(keeper, row->next, core->replies->count, REPLY_NONE);
    if (row->ixn == 0) return;
    row->due_us = keep_u64(keeper, row->due_us);
    row->warned = keep_bool(keeper, row->warned);
    row->timer = timer_keep(core->timers, keeper, row->timer, 1u << TIMER_REPLY, slot, REPLY_DUE);
    if (keep_has(keeper, REPLY_HAS_ABSENCE)) {
        row->given_us = keep_u64(keeper, row->given_us);
        row->absence_us = keep_u64(keeper, row->absence_us);
        row->away_due_us = keep_u64(keeper, row->away_due_us);
        row->away_warned = keep_bool(keeper, row->away_warned);
        row->away_timer = timer_keep(core->timers, keeper, row->away_timer, 1u << TIMER_REPLY, slot, REPLY_AWAY);
    }
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
        if (row) good = marks_mark(&marks, (uint32_t)(row - replies->all)) && has_timers(row);
    }
    return marks_end(&marks, replies->count) && good;
}

const struct part_ops part_ops_replies = {
    .size = sizeof(struct replies),
    .since = 15,
    .init = replies_init,
    .free = replies_free,
    .forget = reply_forget,
    .agent_moves = reply_agent_told,
    .agent_told = reply_agent_told,
    .thaw = reply_thaw,
    .content = reply_hash,
    .holds = reply_holds,
    .keep = replies_keep,
    .sound = replies_sound,
};
