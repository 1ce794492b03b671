/* runtime/core/queues/queue_total.h - Totals of virtual queues: how many interactions came, how many left and how,
 * and how long the distributed ones waited.
 *
 * The totals are computed from the facts that have a line QUEUE in facts.def; no decision depends on them. Invariant,
 * per queue: the number that came equals the number that left plus the number that wait. */
#pragma once

#include <stdint.h>

#include "runtime/core/base/window.h"

struct now;
struct vqs;

/* Waits of distributed interactions are counted by length: each count has the waits up to its bound, in seconds, and
 * above the bound before. The last count holds the longer waits. */
enum { QUEUE_WAITS = 12 };
static const uint16_t queue_wait_bounds_s[QUEUE_WAITS] = {1, 2, 5, 10, 20, 30, 60, 120, 180, 300, 600, 1800};

enum queue_count {
#define QUEUE(fact, field, waiting) QUEUE_##field,
#include "runtime/core/base/facts_columns.def"
#include "runtime/core/base/facts_queue.def"
#include "runtime/core/base/facts_end.def"
    QUEUE_COUNTS
};

struct queue_total {
    uint64_t count[QUEUE_COUNTS];
    uint64_t wait_us; /* sum of the waits of all distributed interactions */
};

/* The last hour of a queue: how many interactions abandoned it, and the waits of the distributed ones by length. */
struct queue_hour {
    struct window abandoned, waits[QUEUE_WAITS + 1];
};

struct queue_totals {
    const struct now *now;
    const struct vqs *vqs;
    struct queue_total *all;  /* array by the queue's slot; queues that nobody has entered may have no row */
    struct queue_hour *hours; /* the last hour of each queue; array by the queue's slot */
    uint32_t capacity, hours_capacity;
    uint64_t waits[QUEUE_WAITS + 1]; /* for all queues together: counts of waits by length */
};

/* Returns the totals of the queue with the given slot; zeros if nobody has ever entered it. */
struct queue_total queue_total_of(const struct queue_totals *, uint32_t queue);
/* Reads the last hour of the queue; both results are 0 if nobody has ever entered it. */
void queue_hour_of(const struct queue_totals *, uint32_t queue, uint64_t *abandoned, uint64_t waits[QUEUE_WAITS + 1]);
