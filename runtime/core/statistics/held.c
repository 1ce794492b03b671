/* runtime/core/statistics/held.c - The interactions that queues of the switch hold, a list per queue. */
#include "runtime/core/statistics/held.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/memory.h"

static uint64_t held_queue_key(const void *owner, uint32_t row)
{
    const struct helds *helds = owner;
    return helds->queues[row].name;
}

void helds_init(struct helds *helds)
{
    lookup_init(&helds->by_name, helds, held_queue_key);
}

void helds_free(struct helds *helds)
{
    free(helds->all);
    free(helds->queues);
    lookup_free(&helds->by_name);
}

static uint32_t held_queue_row(struct helds *helds, uint32_t name)
{
    uint32_t row;
    if (lookup_find(&helds->by_name, name, &row)) return row;
    row = helds->queue_count++;
    helds->queues = memory_grow(helds->queues, &helds->queue_capacity, helds->queue_count, sizeof *helds->queues);
    helds->queues[row] = (struct held_queue){.name = name, .first = HELD_NONE, .last = HELD_NONE};
    lookup_add(&helds->by_name, row);
    return row;
}

void held_enter(struct helds *helds, uint32_t slot, uint32_t queue, uint64_t since_us)
{
    uint32_t row = held_queue_row(helds, queue);
    helds->all = memory_grow(helds->all, &helds->capacity, slot + 1, sizeof *helds->all);
    struct held_queue *at = &helds->queues[row];
    struct held *who = &helds->all[slot];
    assert(who->queue == 0);
    *who = (struct held){row + 1, at->last, HELD_NONE, since_us};
    while (who->previous != HELD_NONE && helds->all[who->previous].since_us > since_us) {
        who->next = who->previous;
        who->previous = helds->all[who->next].previous;
    }
    *(who->previous == HELD_NONE ? &at->first : &helds->all[who->previous].next) = slot;
    *(who->next == HELD_NONE ? &at->last : &helds->all[who->next].previous) = slot;
    at->count++;
}

void held_leave(struct helds *helds, uint32_t slot, bool moved, uint64_t now_us)
{
    assert(slot < helds->capacity && helds->all[slot].queue != 0);
    struct held *who = &helds->all[slot];
    struct held_queue *from = &helds->queues[who->queue - 1];
    *(who->previous == HELD_NONE ? &from->first : &helds->all[who->previous].next) = who->next;
    *(who->next == HELD_NONE ? &from->last : &helds->all[who->next].previous) = who->previous;
    *who = (struct held){0};
    from->count--;
    pace_leave(&from->pace, moved, from->count != 0, now_us);
}

uint32_t held_in(const struct helds *helds, uint32_t slot, uint64_t *since_us)
{
    if (slot >= helds->capacity || helds->all[slot].queue == 0) return 0;
    *since_us = helds->all[slot].since_us;
    return helds->queues[helds->all[slot].queue - 1].name;
}

const struct held_queue *held_queue(const struct helds *helds, uint32_t name)
{
    uint32_t row;
    return lookup_find(&helds->by_name, name, &row) ? &helds->queues[row] : NULL;
}

uint64_t held_oldest_us(const struct helds *helds, const struct held_queue *queue)
{
    return queue->first == HELD_NONE ? UINT64_MAX : helds->all[queue->first].since_us;
}

bool helds_check(const struct helds *helds)
{
    uint32_t there = 0, listed = 0;
    for (uint32_t slot = 0; slot < helds->capacity; slot++) there += helds->all[slot].queue != 0;
    for (uint32_t row = 0; row < helds->queue_count; row++) {
        const struct held_queue *queue = &helds->queues[row];
        uint32_t count = 0, before = HELD_NONE;
        for (uint32_t at = queue->first; at != HELD_NONE; before = at, at = helds->all[at].next, count++) {
            const struct held *who = &helds->all[at];
            bool in_order = before == HELD_NONE || helds->all[before].since_us <= who->since_us;
            if (who->queue != row + 1 || who->previous != before || !in_order) return false;
        }
        if (count != queue->count || before != queue->last) return false;
        listed += count;
    }
    return there == listed;
}
