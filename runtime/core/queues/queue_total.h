/* runtime/core/queues/queue_total.h - Totals of virtual queues: who came, who left and how, and how long the
 * distributed ones waited.
 *
 * Made from the facts that have a line QUEUE in facts.def; the core decides nothing by them. Invariant, per queue:
 * those who came are those who left and those who wait. */
#pragma once

#include <stdint.h>

#include "runtime/core/base/window.h"

struct now;
struct vqs;

/* Waits of distributed interactions are counted by length: each count holds the waits up to this bound, in seconds, and
 * above the one before. The last count holds the longer waits. */
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

/* The last hour of a queue: how many abandoned it, and the waits of the distributed ones by length. */
struct queue_hour {
    struct window abandoned, waits[QUEUE_WAITS + 1];
};

struct queue_totals {
    const struct now *now;
    const struct vqs *vqs;
    struct queue_total *all;  /* by the queue's slot; queues that nobody has entered may have no row */
    struct queue_hour *hours; /* by the queue's slot, as `all` */
    uint32_t capacity, hours_capacity;
    uint64_t waits[QUEUE_WAITS + 1]; /* counts by length, over all queues */
};

/* The totals of the queue with that slot; zeros, if nobody has ever entered it. */
struct queue_total queue_total_of(const struct queue_totals *, uint32_t queue);
/* The last hour of the queue; both are 0, if nobody has ever entered it. */
void queue_hour_of(const struct queue_totals *, uint32_t queue, uint64_t *abandoned, uint64_t waits[QUEUE_WAITS + 1]);
