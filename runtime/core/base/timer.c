/* runtime/core/base/timer.c - A binary heap of timers. The heap writes into each object where its timer is (the
 * handle).
 *
 *     object.timer = 5  <----  heap[4] {deadline, kind, part, data}      a handle is a position + 1
 *
 * So a timer can be cancelled without a search; each move in the heap updates the object's handle. Timers with the
 * same deadline are ordered by the object's number, then by kind and part: so the order in which they fire is the
 * same after a restore, where positions in the heap may differ.
 *
 * A frozen timer stays in the heap with its deadline, and does not fire before it is thawed. */
#include "runtime/core/base/timer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/memory.h"

/* This bit is set in the deadline of a frozen timer and not in others. Frozen timers come after all others in the
 * heap and keep their order. */
#define FROZEN (UINT64_C(1) << (TIMER_DEADLINE_BITS - 1))

enum {
    LOW_BITS = 32 - TIMER_DATA_BITS - TIMER_PART_BITS
}; /* low bits of a kind, which share a word with data and
    * part */

/* A timer in the heap. The upper bits of the timer's kind are stored with the deadline, where there is room for
 * them. */
struct entry {
    uint64_t deadline_us : TIMER_DEADLINE_BITS, kind_high : TIMER_KIND_BITS - LOW_BITS;
    uint32_t data : TIMER_DATA_BITS, part : TIMER_PART_BITS, kind_low : LOW_BITS;
} __attribute__((packed, aligned(4)));

struct timers {
    struct entry *heap; /* a handle is a position in this array, counted from 1 */
    uint32_t count, capacity;
    uint32_t of_kind[1 << TIMER_KIND_BITS];
    struct timer_objects objects;
    uint8_t *claimed; /* while rows are read: 1 for each timer whose handle a row has; else NULL */
    uint32_t claims;
};

enum {
    KINDS = 1
#define TIMER(KIND, kind, part, self) +1
#include "runtime/core/base/timers.def"
};

static_assert(sizeof(struct entry) == TIMER_BYTES, "there may be millions");
static_assert(KINDS <= 1 << TIMER_KIND_BITS, "an entry has bits for each kind");

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
    free(timers->claimed);
    free(timers);
}

static uint8_t entry_kind(const struct entry *entry)
{
    return (uint8_t)((unsigned)entry->kind_high << LOW_BITS | entry->kind_low);
}

static struct timer timer_of(const struct entry *entry)
{
    return (struct timer){entry->deadline_us, entry_kind(entry), (uint8_t)entry->part, entry->data};
}

static uint64_t number_of(const struct timers *timers, const struct entry *entry)
{
    const struct timer timer = timer_of(entry);
    return timers->objects.number(timers->objects.self, &timer);
}

/* True: the first of two timers with the same deadline fires first. */
static bool timer_precedes(const struct timers *timers, const struct entry *a, const struct entry *b)
{
    uint64_t left = number_of(timers, a), right = number_of(timers, b);
    if (left != right) return left < right;
    return entry_kind(a) != entry_kind(b) ? entry_kind(a) < entry_kind(b) : a->part < b->part;
}

static inline bool timer_earlier(const struct timers *timers, const struct entry *a, const struct entry *b)
{
    return a->deadline_us != b->deadline_us ? a->deadline_us < b->deadline_us : timer_precedes(timers, a, b);
}

static uint32_t *handle_of(const struct timers *timers, const struct entry *entry)
{
    const struct timer timer = timer_of(entry);
    return timers->objects.handle(timers->objects.self, &timer);
}

static void entry_place(struct timers *timers, uint32_t position, const struct entry *entry)
{
    timers->heap[position] = *entry;
    *handle_of(timers, entry) = position + 1;
}

/* Moves the entry up the heap as far as needed, otherwise down. */
static void timer_sift(struct timers *timers, uint32_t position, struct entry entry)
{
    assert(position < timers->count);
    while (position > 0 && timer_earlier(timers, &entry, &timers->heap[(position - 1) / 2])) {
        entry_place(timers, position, &timers->heap[(position - 1) / 2]);
        position = (position - 1) / 2;
    }
    for (;;) {
        uint32_t child = position * 2 + 1;
        if (child >= timers->count) break;
        if (child + 1 < timers->count && timer_earlier(timers, &timers->heap[child + 1], &timers->heap[child])) child++;
        if (!timer_earlier(timers, &timers->heap[child], &entry)) break;
        entry_place(timers, position, &timers->heap[child]);
        position = child;
    }
    entry_place(timers, position, &entry);
}

/* Adds a timer to the heap; a deadline that an entry cannot hold becomes the latest one that it can hold. */
static void timer_push(struct timers *timers, const struct timer *timer, uint64_t frozen)
{
    uint64_t deadline_us = (timer->deadline_us < FROZEN ? timer->deadline_us : FROZEN - 1) | frozen;
    struct entry entry = {.deadline_us = deadline_us & (FROZEN | (FROZEN - 1)),
                          .kind_high = timer->kind >> LOW_BITS & ((1u << (TIMER_KIND_BITS - LOW_BITS)) - 1),
                          .kind_low = timer->kind & ((1u << LOW_BITS) - 1),
                          .part = timer->part & ((1u << TIMER_PART_BITS) - 1),
                          .data = timer->data & ((1u << TIMER_DATA_BITS) - 1)};
    assert(entry_kind(&entry) == timer->kind && entry.part == timer->part && entry.data == timer->data);
    assert(timer->kind != TIMER_NONE && *handle_of(timers, &entry) == 0);
    timers->heap = memory_grow(timers->heap, &timers->capacity, timers->count + 1, sizeof *timers->heap);
    timers->count++;
    timers->of_kind[timer->kind]++;
    timer_sift(timers, timers->count - 1, entry);
}

void timer_set(struct timers *timers, const struct timer *timer)
{
    timer_push(timers, timer, 0);
}

void timer_freeze(struct timers *timers, const struct timer *timer)
{
    timer_push(timers, timer, FROZEN);
}

bool timer_frozen(const struct timers *timers, uint32_t handle)
{
    assert(handle <= timers->count);
    return handle != 0 && timers->heap[handle - 1].deadline_us >= FROZEN;
}

void timer_thaw(struct timers *timers, uint32_t handle)
{
    if (!timer_frozen(timers, handle)) return;
    struct entry entry = timers->heap[handle - 1];
    entry.deadline_us &= FROZEN - 1;
    timer_sift(timers, handle - 1, entry);
}

void timers_drop(struct timers *timers, uint32_t position)
{
    assert(position < timers->count);
    timers->of_kind[entry_kind(&timers->heap[position])]--;
    /* the object's handle is set to 0 before the last timer moves here and sets its own */
    *handle_of(timers, &timers->heap[position]) = 0;
    struct entry last = timers->heap[--timers->count];
    if (position != timers->count) timer_sift(timers, position, last);
}

void timer_cancel(struct timers *timers, uint32_t *handle)
{
    if (*handle == 0) return;
    assert(*handle <= timers->count);
    assert(handle_of(timers, &timers->heap[*handle - 1]) == handle);
    timers_drop(timers, *handle - 1);
}

/* The object's handle is 0 when its timer is taken out, so the object may set the timer again. */
bool timer_take(struct timers *timers, uint64_t now_us, struct timer *timer)
{
    if (timers->count == 0 || timers->heap[0].deadline_us > now_us || timers->heap[0].deadline_us >= FROZEN)
        return false;
    *timer = timer_of(&timers->heap[0]);
    timers_drop(timers, 0);
    return true;
}

uint64_t timers_next(const struct timers *timers)
{
    uint64_t first = timers->count == 0 ? FROZEN : timers->heap[0].deadline_us;
    return first < FROZEN ? first : UINT64_MAX;
}

bool timers_at(const struct timers *timers, uint32_t place, struct timer *timer, uint64_t *number, bool *frozen)
{
    if (place >= timers->count) return false;
    *timer = timer_of(&timers->heap[place]);
    *number = number_of(timers, &timers->heap[place]);
    *frozen = (timer->deadline_us & FROZEN) != 0;
    timer->deadline_us &= ~FROZEN;
    return true;
}

uint32_t timers_of_kind(const struct timers *timers, enum timer_kind kind)
{
    return timers->of_kind[kind];
}

bool timers_check(const struct timers *timers)
{
    for (uint32_t at = 0; at < timers->count; at++) {
        if (*handle_of(timers, &timers->heap[at]) != at + 1) return false;
        if (at > 0 && timer_earlier(timers, &timers->heap[at], &timers->heap[(at - 1) / 2])) return false;
    }
    return true;
}

static void keep_entry(struct keeper *keeper, struct entry *entry)
{
    uint64_t deadline_us = keep_u64(keeper, entry->deadline_us);
    uint32_t kind = keep_index(keeper, entry_kind(entry), KINDS, TIMER_NONE);
    if (deadline_us >> TIMER_DEADLINE_BITS != 0 || (keep_good(keeper) && kind == TIMER_NONE))
        keep_fail(keeper, "a timer is none");
    entry->deadline_us = deadline_us & (FROZEN | (FROZEN - 1));
    entry->kind_high = kind >> LOW_BITS & ((1u << (TIMER_KIND_BITS - LOW_BITS)) - 1);
    entry->kind_low = kind & ((1u << LOW_BITS) - 1);
    entry->part = keep_bits(keeper, entry->part, TIMER_PART_BITS) & ((1u << TIMER_PART_BITS) - 1);
    entry->data = keep_bits(keeper, entry->data, TIMER_DATA_BITS) & ((1u << TIMER_DATA_BITS) - 1);
}

void timers_keep(struct timers *timers, struct keeper *keeper)
{
    timers->heap = keep_rows(keeper, timers->heap, &timers->count, &timers->capacity, UINT32_MAX, sizeof *timers->heap);
    for (uint32_t at = 0; at < timers->count && keep_good(keeper); at++) keep_entry(keeper, &timers->heap[at]);
    if (!keep_reading(keeper)) return;
    memset(timers->of_kind, 0, sizeof timers->of_kind);
    for (uint32_t at = 0; at < timers->count; at++) timers->of_kind[entry_kind(&timers->heap[at])]++;
    free(timers->claimed);
    timers->claimed = memory_zeroed(timers->count + 1u, 1);
    timers->claims = 0;
}

/* Claims the timer of that handle for a row: when all parts are read, each timer must have been claimed by one row. */
bool timer_claim(struct timers *timers, uint32_t handle, uint32_t kinds, uint32_t data, unsigned part)
{
    if (handle == 0) return true;
    if (handle > timers->count || timers->claimed[handle]) return false;
    const struct entry *entry = &timers->heap[handle - 1];
    if (!(kinds >> entry_kind(entry) & 1) || entry->data != data || entry->part != part) return false;
    timers->claimed[handle] = 1;
    timers->claims++;
    return true;
}

uint32_t timer_keep(struct timers *timers, struct keeper *keeper, uint32_t handle, uint32_t kinds, uint32_t data,
                    unsigned part)
{
    handle = keep_u32(keeper, handle);
    if (!keep_reading(keeper) || !keep_good(keeper)) return handle;
    if (timer_claim(timers, handle, kinds, data, part)) return handle;
    keep_fail(keeper, "a timer is not its row's");
    return 0;
}

bool timers_claimed(struct timers *timers)
{
    free(timers->claimed);
    timers->claimed = NULL;
    return timers->claims == timers->count;
}
