/* runtime/core/statistics/acd.c - The interactions in the queues of the switch (ACD queues), in a list per queue.
 *
 * The switch distributes these calls and reports each step. The list is in the order of arrival, so the first
 * interaction has waited longest. Rows are indexed by the interaction's slot: an interaction is in one queue of the
 * switch at a time. */
#include "runtime/core/statistics/acd.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/memory.h"

static uint64_t acd_queue_key(const void *owner, uint32_t row)
{
    const struct acd_queues *acd_queues = owner;
    return acd_queues->queues[row].name;
}

void acd_queues_init(struct acd_queues *acd_queues)
{
    lookup_init(&acd_queues->by_name, acd_queues, acd_queue_key);
}

void acd_queues_free(struct acd_queues *acd_queues)
{
    free(acd_queues->all);
    free(acd_queues->queues);
    lookup_free(&acd_queues->by_name);
}

static uint32_t acd_queue_row(struct acd_queues *acd_queues, uint32_t name)
{
    uint32_t row;
    if (lookup_find(&acd_queues->by_name, name, &row)) return row;
    row = acd_queues->queue_count++;
    acd_queues->queues = memory_grow(acd_queues->queues, &acd_queues->queue_capacity, acd_queues->queue_count,
                                     sizeof *acd_queues->queues);
    acd_queues->queues[row] = (struct acd_queue){.name = name, .first = ACD_NONE, .last = ACD_NONE};
    lookup_add(&acd_queues->by_name, row);
    return row;
}

/* Adds the interaction to the queue. The added interaction is nearly always the newest one, so the search from the end
 * finds its place at once. */
void acd_enter(struct acd_queues *acd_queues, uint32_t slot, uint32_t queue, uint64_t since_us)
{
    uint32_t row = acd_queue_row(acd_queues, queue);
    acd_queues->all = memory_grow(acd_queues->all, &acd_queues->capacity, slot + 1, sizeof *acd_queues->all);
    struct acd_queue *at = &acd_queues->queues[row];
    struct acd_wait *who = &acd_queues->all[slot];
    assert(who->queue == 0);
    *who = (struct acd_wait){row + 1, at->last, ACD_NONE, since_us};
    while (who->previous != ACD_NONE && acd_queues->all[who->previous].since_us > since_us) {
        who->next = who->previous;
        who->previous = acd_queues->all[who->next].previous;
    }
    *(who->previous == ACD_NONE ? &at->first : &acd_queues->all[who->previous].next) = slot;
    *(who->next == ACD_NONE ? &at->last : &acd_queues->all[who->next].previous) = slot;
    at->count++;
}

/* Removes the interaction. `moved`: an agent took it, or the caller left, so it counts for the queue's pace. */
void acd_leave(struct acd_queues *acd_queues, uint32_t slot, bool moved, uint64_t now_us)
{
    assert(slot < acd_queues->capacity && acd_queues->all[slot].queue != 0);
    struct acd_wait *who = &acd_queues->all[slot];
    struct acd_queue *from = &acd_queues->queues[who->queue - 1];
    *(who->previous == ACD_NONE ? &from->first : &acd_queues->all[who->previous].next) = who->next;
    *(who->next == ACD_NONE ? &from->last : &acd_queues->all[who->next].previous) = who->previous;
    *who = (struct acd_wait){0};
    from->count--;
    pace_leave(&from->pace, moved, from->count != 0, now_us);
}

uint32_t acd_queue_of(const struct acd_queues *acd_queues, uint32_t slot, uint64_t *since_us)
{
    if (slot >= acd_queues->capacity || acd_queues->all[slot].queue == 0) return 0;
    *since_us = acd_queues->all[slot].since_us;
    return acd_queues->queues[acd_queues->all[slot].queue - 1].name;
}

const struct acd_queue *acd_queue(const struct acd_queues *acd_queues, uint32_t name)
{
    uint32_t row;
    return lookup_find(&acd_queues->by_name, name, &row) ? &acd_queues->queues[row] : NULL;
}

uint64_t acd_oldest_us(const struct acd_queues *acd_queues, const struct acd_queue *queue)
{
    return queue->first == ACD_NONE ? UINT64_MAX : acd_queues->all[queue->first].since_us;
}

bool acd_queues_check(const struct acd_queues *acd_queues)
{
    uint32_t there = 0, listed = 0;
    for (uint32_t slot = 0; slot < acd_queues->capacity; slot++) there += acd_queues->all[slot].queue != 0;
    for (uint32_t row = 0; row < acd_queues->queue_count; row++) {
        const struct acd_queue *queue = &acd_queues->queues[row];
        uint32_t count = 0, before = ACD_NONE;
        for (uint32_t at = queue->first; at != ACD_NONE; before = at, at = acd_queues->all[at].next, count++) {
            const struct acd_wait *who = &acd_queues->all[at];
            bool in_order = before == ACD_NONE || acd_queues->all[before].since_us <= who->since_us;
            if (who->queue != row + 1 || who->previous != before || !in_order) return false;
        }
        if (count != queue->count || before != queue->last) return false;
        listed += count;
    }
    return there == listed;
}
