/* runtime/core/steps/select_fresh.c - The list of fresh visits, whose first part is a heap by rank.
 *
 *     fresh[0 .. ranked)             a heap: each entry with the rank that its visit had when it came into the heap
 *     fresh[ranked .. fresh_count)   added since then, and without a rank yet
 *
 * A rank may change while its entry is in the heap, since strategies run between two visits. So the rank of the best
 * entry is read again when it is taken out: if it has changed, the entry moves to its new place. */
#include "runtime/core/steps/select_fresh.h"

#include <assert.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/steps/select.h"

void select_fresh_add(struct core *core, const struct interaction *ix)
{
    assert(ix->visit != VISIT_NONE);
    core->selection->fresh = memory_grow(core->selection->fresh, &core->selection->fresh_capacity,
                                         core->selection->fresh_count + 1, sizeof *core->selection->fresh);
    core->selection->fresh[core->selection->fresh_count++] = (struct fresh){.ixn = ix->id};
}

static bool fresh_before(const struct fresh *a, const struct fresh *b)
{
    if (a->priority != b->priority) return a->priority > b->priority;
    if (a->goal_us != b->goal_us) return a->goal_us < b->goal_us;
    return a->ixn < b->ixn;
}

/* Moves the entry at the given place up until no entry of worse rank is above it. */
static void fresh_rise(struct fresh *heap, uint32_t at)
{
    struct fresh entry = heap[at];
    for (; at > 0 && fresh_before(&entry, &heap[(at - 1) / 2]); at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
    heap[at] = entry;
}

/* Puts the entry on top and moves it down until no entry of better rank is below it. */
static void fresh_sink(struct fresh *heap, uint32_t count, struct fresh entry)
{
    uint32_t at = 0;
    for (uint32_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && fresh_before(&heap[child + 1], &heap[child])) child++;
        if (!fresh_before(&heap[child], &entry)) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = entry;
}

/* Returns the interaction if it still waits for a target, and sets the entry to the present rank of its visit; NULL:
 * it no longer waits. */
static struct interaction *fresh_ranked(struct core *core, struct fresh *entry)
{
    struct interaction *ix = interaction_by_id(core->interactions, entry->ixn);
    if (!ix || ix->visit == VISIT_NONE) return NULL;
    const struct visit *visit = visit_at(core->vqs, ix->visit);
    entry->priority = visit->priority;
    entry->goal_us = visit_goal_us(core->vqs, visit);
    return visit->want != SELECTOR_NONE ? ix : NULL;
}

struct interaction *select_fresh_next(struct core *core)
{
    struct selection *selection = core->selection;
    uint32_t added = selection->ranked;
    assert(selection->ranked <= selection->fresh_count);
    for (uint32_t at = added; at < selection->fresh_count; at++) {
        struct fresh entry = selection->fresh[at];
        if (!fresh_ranked(core, &entry)) continue;
        selection->fresh[added] = entry;
        fresh_rise(selection->fresh, added++);
    }
    selection->fresh_count = added;
    while (selection->fresh_count > 0) {
        struct fresh best = selection->fresh[0], now = best;
        struct interaction *ix = fresh_ranked(core, &now);
        bool same = now.priority == best.priority && now.goal_us == best.goal_us;
        if (!ix || same) now = selection->fresh[--selection->fresh_count];
        fresh_sink(selection->fresh, selection->fresh_count, now);
        selection->ranked = selection->fresh_count;
        if (ix && same) return ix;
    }
    selection->ranked = 0;
    return NULL;
}
