/* runtime/core/timer.c - A binary heap of handles over an array of nodes, 28 bytes a timer. */
#include "runtime/core/timer.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/memory.h"

/* Set in the deadline of one that is frozen: later than any that is not, and in the same order. */
#define FROZEN (UINT64_C(1) << 63)

struct node {
    uint64_t deadline_us;
    uint64_t key;      /* object, kind, part */
    uint32_t position; /* in the heap; of a free node: the next free one */
    uint32_t data;
};

struct timers {
    struct node *nodes; /* [0] is not used */
    uint32_t *heap;
    uint32_t used, capacity, count, heap_capacity, free;
};

struct timers *timers_new(void)
{
    struct timers *timers = memory_zeroed(1, sizeof *timers);
    timers->used = 1;
    return timers;
}

void timers_free(struct timers *timers)
{
    if (timers == NULL) return;
    free(timers->nodes);
    free(timers->heap);
    free(timers);
}

static bool earlier(const struct timers *timers, uint32_t a, uint32_t b)
{
    const struct node *left = &timers->nodes[a], *right = &timers->nodes[b];
    if (left->deadline_us != right->deadline_us) return left->deadline_us < right->deadline_us;
    return left->key < right->key;
}

static void place(struct timers *timers, uint32_t position, uint32_t handle)
{
    timers->heap[position] = handle;
    timers->nodes[handle].position = position;
}

static void sift(struct timers *timers, uint32_t position, uint32_t handle)
{
    while (position > 0 && earlier(timers, handle, timers->heap[(position - 1) / 2])) {
        place(timers, position, timers->heap[(position - 1) / 2]);
        position = (position - 1) / 2;
    }
    for (;;) {
        uint32_t child = position * 2 + 1;
        if (child >= timers->count) break;
        if (child + 1 < timers->count && earlier(timers, timers->heap[child + 1], timers->heap[child])) child++;
        if (!earlier(timers, timers->heap[child], handle)) break;
        place(timers, position, timers->heap[child]);
        position = child;
    }
    place(timers, position, handle);
}

static uint32_t set(struct timers *timers, const struct timer *timer, uint64_t frozen)
{
    assert(timer->object >> 48 == 0);
    uint32_t handle = timers->free;
    if (handle != 0) {
        timers->free = timers->nodes[handle].position;
    } else {
        handle = timers->used++;
        timers->nodes = memory_grow(timers->nodes, &timers->capacity, timers->used, sizeof *timers->nodes);
    }
    timers->nodes[handle] = (struct node){
        .deadline_us = (timer->deadline_us < FROZEN ? timer->deadline_us : FROZEN - 1) | frozen,
        .key = timer->object << 16 | (uint64_t)timer->kind << 8 | timer->part,
        .data = timer->data,
    };
    timers->heap = memory_grow(timers->heap, &timers->heap_capacity, timers->count + 1, sizeof *timers->heap);
    timers->count++;
    sift(timers, timers->count - 1, handle);
    return handle;
}

uint32_t timer_set(struct timers *timers, const struct timer *timer)
{
    return set(timers, timer, 0);
}

uint32_t timer_freeze(struct timers *timers, const struct timer *timer)
{
    return set(timers, timer, FROZEN);
}

bool timer_frozen(const struct timers *timers, uint32_t handle)
{
    return handle != 0 && timers->nodes[handle].deadline_us >= FROZEN;
}

void timer_thaw(struct timers *timers, uint32_t handle)
{
    if (!timer_frozen(timers, handle)) return;
    timers->nodes[handle].deadline_us &= ~FROZEN;
    sift(timers, timers->nodes[handle].position, handle);
}

static void take_out(struct timers *timers, uint32_t handle)
{
    uint32_t position = timers->nodes[handle].position;
    uint32_t last = timers->heap[--timers->count];
    if (last != handle) sift(timers, position, last);
    timers->nodes[handle] = (struct node){.position = timers->free};
    timers->free = handle;
}

void timer_cancel(struct timers *timers, uint32_t *handle)
{
    if (*handle != 0) take_out(timers, *handle);
    *handle = 0;
}

bool timer_take(struct timers *timers, uint64_t now_us, struct timer *timer)
{
    if (timers->count == 0) return false;
    uint32_t handle = timers->heap[0];
    const struct node *node = &timers->nodes[handle];
    if (node->deadline_us > now_us || node->deadline_us >= FROZEN) return false;
    *timer = (struct timer){
        .deadline_us = node->deadline_us,
        .object = node->key >> 16,
        .kind = (uint8_t)(node->key >> 8),
        .part = (uint8_t)node->key,
        .data = node->data,
    };
    take_out(timers, handle);
    return true;
}

uint64_t timers_next(const struct timers *timers)
{
    uint64_t first = timers->count == 0 ? FROZEN : timers->nodes[timers->heap[0]].deadline_us;
    return first < FROZEN ? first : UINT64_MAX;
}

uint32_t timers_count(const struct timers *timers)
{
    return timers->count;
}

bool timers_check(const struct timers *timers)
{
    for (uint32_t at = 0; at < timers->count; at++) {
        if (timers->nodes[timers->heap[at]].position != at) return false;
        if (at > 0 && earlier(timers, timers->heap[at], timers->heap[(at - 1) / 2])) return false;
    }
    return true;
}
