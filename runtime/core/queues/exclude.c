/* runtime/core/queues/exclude.c - Exclusions: a short list for each interaction that has any.
 *
 *     interaction --by_ixn--> [agent 4, until 10:05] -> [queue sales, for ever] -> [failed route]
 *
 * A row that has lapsed is not removed: the next exclusion overwrites it. So an exclusion needs no timer. The length
 * of a list is bounded by EXCLUDED_MAX for each of its two sorts. */
#include "runtime/core/queues/exclude.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/keep.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/people/agent.h"

static uint64_t excluded_key(const void *owner, uint32_t slot)
{
    const struct excludes *excludes = owner;
    return excludes->all[slot].ixn;
}

static void excludes_init(void *self, const struct parts *parts)
{
    struct excludes *excludes = parts->excludes;
    (void)self;
    *excludes = (struct excludes){
        .now = parts->now,
        .agents = parts->agents,
        .interactions = parts->interactions,
        .submissions = parts->submissions,
        .free = EXCLUDED_NONE,
    };
    lookup_init(&excludes->by_ixn, excludes, excluded_key);
}

static void excludes_free(void *self)
{
    struct excludes *excludes = self;
    free(excludes->all);
    lookup_free(&excludes->by_ixn);
}

static uint32_t exclude_first(const struct excludes *excludes, const struct interaction *ix)
{
    uint32_t first;
    return ix->excludes && lookup_find(&excludes->by_ixn, ix->id, &first) ? first : EXCLUDED_NONE;
}

/* Returns the row to write: the target's own, else a lapsed one, else, if there are too many, the one that lapses
 * first. NULL: the caller must take a new row. Failed routes and exclusions are counted separately, so that neither
 * can push out the other. */
static struct excluded *exclude_row(struct excludes *excludes, const struct interaction *ix, uint16_t type,
                                    uint64_t target)
{
    struct excluded *spare = NULL;
    uint32_t count = 0;
    for (uint32_t at = exclude_first(excludes, ix); at != EXCLUDED_NONE; at = excludes->all[at].next) {
        struct excluded *row = &excludes->all[at];
        if ((row->type == ROUTE_FAILED) != (type == ROUTE_FAILED)) continue;
        count++;
        if (row->type == type && row->target == target) return row;
        if (!spare || row->until_us < spare->until_us) spare = row;
    }
    return spare && (spare->until_us <= excludes->now->time_us || count >= EXCLUDED_MAX) ? spare : NULL;
}

/* Adds an exclusion; a target that is excluded already only gets a new time. A new row is added at the end of the
 * list, because the lookup finds the list by its first row. */
void exclude_add(struct excludes *excludes, struct interaction *ix, uint16_t type, uint64_t target, uint64_t for_us)
{
    struct excluded *row = exclude_row(excludes, ix, type, target);
    uint64_t until_us = for_us < UINT64_MAX - excludes->now->time_us ? excludes->now->time_us + for_us : UINT64_MAX;
    if (row) {
        row->type = type;
        row->target = target;
        row->until_us = until_us;
        return;
    }
    uint32_t slot = POOL_TAKE(excludes, next), first = exclude_first(excludes, ix);
    excludes->all[slot] =
        (struct excluded){.ixn = ix->id, .until_us = until_us, .target = target, .type = type, .next = EXCLUDED_NONE};
    if (first == EXCLUDED_NONE) {
        assert(!ix->excludes);
        lookup_add(&excludes->by_ixn, slot);
        ix->excludes = true;
        return;
    }
    while (excludes->all[first].next != EXCLUDED_NONE) first = excludes->all[first].next;
    excludes->all[first].next = slot;
}

/* The row stays in the list without effect, until the next exclusion overwrites it. */
void exclude_end(struct excludes *excludes, const struct interaction *ix, uint16_t type, uint64_t target)
{
    for (uint32_t at = exclude_first(excludes, ix); at != EXCLUDED_NONE; at = excludes->all[at].next)
        if (excludes->all[at].type == type && excludes->all[at].target == target) excludes->all[at].until_us = 0;
}

/* Returns, as a target, the agent who has written the submitted message. 0: none has. */
static uint64_t author_of(const struct excludes *excludes, const struct interaction *ix)
{
    const struct submitted *row = submitted_of(excludes->submissions, ix);
    uint32_t agent;
    return row && row->author != 0 && agent_find(excludes->agents, row->author, &agent) ? agent + UINT64_C(1) : 0;
}

/* Makes the lines for exclusions, which are the last lines of the selection. `next_us` is set to the time at which
 * the first exclusion lapses. The author of a submitted message is left out, too, without a time limit. */
uint32_t exclude_lines(struct excludes *excludes, const struct interaction *ix, struct vm_line *lines,
                       uint64_t *next_us)
{
    uint32_t count = 0;
    for (uint32_t at = exclude_first(excludes, ix); at != EXCLUDED_NONE; at = excludes->all[at].next) {
        const struct excluded *row = &excludes->all[at];
        if (row->until_us <= excludes->now->time_us || row->type == ROUTE_FAILED) continue;
        assert(count < EXCLUDED_MAX);
        if (row->until_us < *next_us) *next_us = row->until_us;
        lines[count++] =
            (struct vm_line){.kind = LINE_EXCLUDED, .function = IMAGE_NONE, .type = row->type, .target = row->target};
    }
    uint64_t author = author_of(excludes, ix);
    if (author != 0) {
        agent_refer(excludes->agents, (uint32_t)(author - 1)); /* the line contains the agent's slot, which must stay */
        lines[count++] =
            (struct vm_line){.kind = LINE_EXCLUDED, .function = IMAGE_NONE, .type = TYPE_AGENT, .target = author};
    }
    return count;
}

bool exclude_has(const struct excludes *excludes, const struct interaction *ix, uint16_t type, uint64_t target)
{
    for (uint32_t at = exclude_first(excludes, ix); at != EXCLUDED_NONE; at = excludes->all[at].next) {
        const struct excluded *row = &excludes->all[at];
        if (row->type == type && row->target == target && row->until_us > excludes->now->time_us) return true;
    }
    return type == TYPE_AGENT && target == author_of(excludes, ix);
}

/* Returns the hash of the exclusions; 0: there are none. */
static uint64_t exclude_hash(const void *self, const struct interaction *ix)
{
    const struct excludes *excludes = self;
    uint64_t hash = 0;
    for (uint32_t at = exclude_first(excludes, ix); at != EXCLUDED_NONE; at = excludes->all[at].next)
        hash += table_mix64(table_mix64(table_mix64(ix->id + excludes->all[at].target) + excludes->all[at].type) +
                            excludes->all[at].until_us);
    return hash;
}

/* Frees every row of the interaction and clears its bit. */
void exclude_forget(void *self, struct interaction *ix)
{
    struct excludes *excludes = self;
    uint32_t at = exclude_first(excludes, ix);
    if (at == EXCLUDED_NONE) return;
    lookup_remove(&excludes->by_ixn, ix->id);
    for (uint32_t next; at != EXCLUDED_NONE; at = next) {
        next = excludes->all[at].next;
        POOL_GIVE(excludes, at, next);
    }
    ix->excludes = false;
}

static void exclude_keep(const struct excludes *excludes, struct keeper *keeper, struct excluded *row)
{
    row->ixn = keep_u64(keeper, row->ixn);
    row->next = keep_index(keeper, row->next, excludes->count, EXCLUDED_NONE);
    if (row->ixn == 0) return;
    row->until_us = keep_u64(keeper, row->until_us);
    row->target = keep_u64(keeper, row->target);
    row->type = keep_u16(keeper, row->type);
}

/* Writes or reads the exclusions. The first row of each interaction is no other row's next row. */
static void excludes_keep(void *self, struct keeper *keeper)
{
    struct excludes *excludes = self;
    POOL_KEEP(excludes, keeper, UINT32_MAX);
    for (uint32_t at = 0; at < excludes->count && keep_good(keeper); at++)
        exclude_keep(excludes, keeper, &excludes->all[at]);
    if (!keep_reading(keeper)) return;
    struct marks further = marks_of(excludes->count);
    for (uint32_t at = 0; at < excludes->count && keep_good(keeper); at++)
        if (excludes->all[at].next != EXCLUDED_NONE && !marks_mark(&further, excludes->all[at].next))
            keep_fail(keeper, "an exclusion stands in two lists");
    for (uint32_t at = 0; at < excludes->count && keep_good(keeper); at++)
        if (excludes->all[at].ixn != 0 && marks_mark(&further, at)) lookup_restore(&excludes->by_ixn, keeper, at);
    marks_free(&further);
}

/* True: the list from the given row on belongs to one interaction, and is not too long. */
static bool mark_list(const struct excludes *excludes, struct marks *marks, uint32_t at)
{
    uint32_t counts[2] = {0, 0};
    uint64_t ixn = at == EXCLUDED_NONE ? 0 : excludes->all[at].ixn;
    for (; at != EXCLUDED_NONE; at = excludes->all[at].next)
        if (!marks_mark(marks, at) || excludes->all[at].ixn != ixn ||
            (ixn != 0 && ++counts[excludes->all[at].type == ROUTE_FAILED] > EXCLUDED_MAX))
            return false;
    return true;
}

static bool excludes_sound(void *self)
{
    struct excludes *excludes = self;
    struct marks marks = marks_of(excludes->count);
    bool good = mark_list(excludes, &marks, excludes->free);
    for (uint32_t at = excludes->interactions->first; good && at != INTERACTION_NONE;
         at = interaction_at(excludes->interactions, at)->next) {
        const struct interaction *ix = interaction_at(excludes->interactions, at);
        uint32_t first = exclude_first(excludes, ix);
        good = ix->excludes == (first != EXCLUDED_NONE) && mark_list(excludes, &marks, first);
    }
    return marks_end(&marks, excludes->count) && good;
}

const struct part_ops part_ops_excludes = {
    .size = sizeof(struct excludes),
    .init = excludes_init,
    .free = excludes_free,
    .forget = exclude_forget,
    .content = exclude_hash,
    .keep = excludes_keep,
    .sound = excludes_sound,
};
