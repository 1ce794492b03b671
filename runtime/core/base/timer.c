/* runtime/core/base/timer.c - A binary heap of timers. The heap tells each object where its timer stands. */
#include "runtime/core/base/timer.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/memory.h"

/* This bit is set in the deadline of a frozen timer. Frozen timers are later than all others and keep their order. */
#define FROZEN (UINT64_C(1) << 63)

struct timers {
    struct timer *heap; /* a handle is a position, from 1 */
    uint32_t count, capacity;
    struct timer_objects objects;
};

static_assert(sizeof(struct timer) == 16, "there may be millions");

struct timers *timers_new(const struct timer_objects *objects)
{
    struct timers *timers = memory_zeroed(1, sizeof *timers);
    timers->objects = *objects;
    return timers;
}

void timers_free(struct timers *timers)
{
    if (!timers) return;
    free(timers->heap);
    free(timers);
}

static bool earlier(const struct timers *timers, const struct timer *a, const struct timer *b)
{
    if (a->deadline_us != b->deadline_us) return a->deadline_us < b->deadline_us;
    uint64_t left = timers->objects.number(timers->objects.self, a);
    uint64_t right = timers->objects.number(timers->objects.self, b);
    if (left != right) return left < right;
    return a->kind != b->kind ? a->kind < b->kind : a->part < b->part;
}

static uint32_t *handle_of(const struct timers *timers, const struct timer *timer)
{
    return timers->objects.handle(timers->objects.self, timer);
}

static void place(struct timers *timers, uint32_t position, const struct timer *timer)
{
    timers->heap[position] = *timer;
    *handle_of(timers, timer) = position + 1;
}

static void sift(struct timers *timers, uint32_t position, struct timer timer)
{
    assert(position < timers->count);
    while (position > 0 && earlier(timers, &timer, &timers->heap[(position - 1) / 2])) {
        place(timers, position, &timers->heap[(position - 1) / 2]);
        position = (position - 1) / 2;
    }
    for (;;) {
        uint32_t child = position * 2 + 1;
        if (child >= timers->count) break;
        if (child + 1 < timers->count && earlier(timers, &timers->heap[child + 1], &timers->heap[child])) child++;
        if (!earlier(timers, &timers->heap[child], &timer)) break;
        place(timers, position, &timers->heap[child]);
        position = child;
    }
    place(timers, position, &timer);
}

static void set(struct timers *timers, const struct timer *timer, uint64_t frozen)
{
    struct timer entry = *timer;
    assert(timer->kind != TIMER_NONE && *handle_of(timers, timer) == 0);
    entry.deadline_us = (timer->deadline_us < FROZEN ? timer->deadline_us : FROZEN - 1) | frozen;
    timers->heap = memory_grow(timers->heap, &timers->capacity, timers->count + 1, sizeof *timers->heap);
    timers->count++;
    sift(timers, timers->count - 1, entry);
}

void timer_set(struct timers *timers, const struct timer *timer)
{
    set(timers, timer, 0);
}

void timer_freeze(struct timers *timers, const struct timer *timer)
{
    set(timers, timer, FROZEN);
}

bool timer_frozen(const struct timers *timers, uint32_t handle)
{
    assert(handle <= timers->count);
    return handle != 0 && timers->heap[handle - 1].deadline_us >= FROZEN;
}

void timer_thaw(struct timers *timers, uint32_t handle)
{
    if (!timer_frozen(timers, handle)) return;
    struct timer timer = timers->heap[handle - 1];
    timer.deadline_us &= ~FROZEN;
    sift(timers, handle - 1, timer);
}

static void take_out(struct timers *timers, uint32_t position)
{
    assert(position < timers->count);
    *handle_of(timers, &timers->heap[position]) = 0; /* before the last timer takes the place and sets its own handle */
    struct timer last = timers->heap[--timers->count];
    if (position != timers->count) sift(timers, position, last);
}

void timer_cancel(struct timers *timers, uint32_t *handle)
{
    if (*handle == 0) return;
    assert(*handle <= timers->count);
    assert(handle_of(timers, &timers->heap[*handle - 1]) == handle);
    take_out(timers, *handle - 1);
}

bool timer_take(struct timers *timers, uint64_t now_us, struct timer *timer)
{
    if (timers->count == 0 || timers->heap[0].deadline_us > now_us || timers->heap[0].deadline_us >= FROZEN)
        return false;
    *timer = timers->heap[0];
    take_out(timers, 0);
    return true;
}

uint64_t timers_next(const struct timers *timers)
{
    uint64_t first = timers->count == 0 ? FROZEN : timers->heap[0].deadline_us;
    return first < FROZEN ? first : UINT64_MAX;
}

uint32_t timers_count(const struct timers *timers)
{
    return timers->count;
}

bool timers_check(const struct timers *timers)
{
    for (uint32_t at = 0; at < timers->count; at++) {
        if (*handle_of(timers, &timers->heap[at]) != at + 1) return false;
        if (at > 0 && earlier(timers, &timers->heap[at], &timers->heap[(at - 1) / 2])) return false;
    }
    return true;
}
