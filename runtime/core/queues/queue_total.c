/* runtime/core/queues/queue_total.c - Counts the facts about virtual queues.
 *
 * A line QUEUE of facts.def says which counter a fact raises, and whether it means that an interaction enters or
 * leaves the queue. So the number of waiting interactions can be computed from the counters alone; the check
 * compares it with the number that the queue itself keeps. In addition to the counters since the beginning there are
 * windows over the last hour, and a histogram of waits. */
#include "runtime/core/queues/queue_total.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/keep.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/part.h"
#include "runtime/core/queues/vq.h"

/* For each fact: the number of its counter + 1; 0: the fact is not about a queue. */
static const uint8_t counter_of[FACTS] = {
#define QUEUE(fact, field, waiting) [FACT_##fact] = QUEUE_##field + 1,
#include "runtime/core/base/facts.def"
};

static_assert(QUEUE_COUNTS < UINT8_MAX, "counter_of has a byte for the number of a line QUEUE of facts.def");

struct queue_total queue_total_of(const struct queue_totals *queue_totals, uint32_t queue)
{
    return queue < queue_totals->capacity ? queue_totals->all[queue] : (struct queue_total){0};
}

static const struct window_rule hour = {.span_us = UINT64_C(3600000000)};

/* Reads the last hour of a queue. A window drops old entries when it is read, so reading changes it. `now` is the
 * batch's time. */
void queue_hour_of(const struct queue_totals *queue_totals, uint32_t queue, uint64_t *abandoned,
                   uint64_t waits[QUEUE_WAITS + 1])
{
    struct queue_hour *of = queue < queue_totals->hours_capacity ? &queue_totals->hours[queue] : NULL;
    *abandoned = of ? (uint64_t)window_total(&of->abandoned, &hour, queue_totals->now->time_us) : 0;
    for (unsigned at = 0; at <= QUEUE_WAITS; at++)
        waits[at] = of ? (uint64_t)window_total(&of->waits[at], &hour, queue_totals->now->time_us) : 0;
}

/* Returns the number of the count to which the wait belongs. The last number, QUEUE_WAITS, counts the waits longer
 * than every bound. */
static unsigned wait_at(uint64_t waited_us)
{
    unsigned bound = 0;
    while (bound < QUEUE_WAITS && waited_us > UINT64_C(1000000) * queue_wait_bounds_s[bound]) bound++;
    return bound;
}

static void totals_init(void *self, const struct parts *parts)
{
    (void)self;
    parts->queue_totals->now = parts->now;
    parts->queue_totals->vqs = parts->vqs;
}

/* Takes a fact and counts it. Arrays grow to the queue of the fact, because queues are added while the core runs. */
static void queue_totals_hear(void *self, const struct fact *fact)
{
    struct queue_totals *queue_totals = self;
    unsigned counter = counter_of[fact->what];
    if (counter == 0) return;
    queue_totals->all =
        memory_grow(queue_totals->all, &queue_totals->capacity, fact->queue + 1, sizeof *queue_totals->all);
    assert(fact->queue < queue_totals->vqs->count && fact->queue < queue_totals->capacity);
    struct queue_total *total = &queue_totals->all[fact->queue];
    total->count[counter - 1]++;
    queue_totals->hours =
        memory_grow(queue_totals->hours, &queue_totals->hours_capacity, fact->queue + 1, sizeof *queue_totals->hours);
    struct queue_hour *last = &queue_totals->hours[fact->queue];
    if (fact->what == FACT_abandoned_queued) window_add(&last->abandoned, &hour, queue_totals->now->time_us, 1);
    if (fact->what != FACT_distributed) return;
    total->wait_us += fact->waited_us;
    queue_totals->waits[wait_at(fact->waited_us)]++;
    window_add(&last->waits[wait_at(fact->waited_us)], &hour, queue_totals->now->time_us, 1);
}

static bool queue_totals_good(const void *self)
{
    const struct queue_totals *queue_totals = self;
    enum { ENTERS = 1, LEAVES = -1, STAYS = 0 };
    for (uint32_t vq = 0; vq < queue_totals->vqs->count; vq++) {
        struct queue_total total = queue_total_of(queue_totals, vq);
        uint64_t waiting = 0;
#define QUEUE(fact, field, waits) waiting += (uint64_t)waits * total.count[QUEUE_##field];
#include "runtime/core/base/facts.def"
        if (waiting != queue_totals->vqs->all[vq].waiting) return false;
    }
    return true;
}

static void totals_free(void *self)
{
    struct queue_totals *queue_totals = self;
    for (uint32_t queue = 0; queue < queue_totals->hours_capacity; queue++) {
        window_free(&queue_totals->hours[queue].abandoned);
        for (unsigned at = 0; at <= QUEUE_WAITS; at++) window_free(&queue_totals->hours[queue].waits[at]);
    }
    free(queue_totals->hours);
    free(queue_totals->all);
}

static void keep_total(struct keeper *keeper, struct queue_total *total)
{
    unsigned counts = keep_has(keeper, 24) ? QUEUE_COUNTS : QUEUE_judged;
    for (unsigned at = 0; at < counts; at++) total->count[at] = keep_u64(keeper, total->count[at]);
    total->wait_us = keep_u64(keeper, total->wait_us);
}

static void queue_totals_keep(void *self, struct keeper *keeper)
{
    struct queue_totals *queue_totals = self;
    uint32_t count = queue_totals->capacity, hours = queue_totals->hours_capacity;
    queue_totals->all =
        keep_rows(keeper, queue_totals->all, &count, &queue_totals->capacity, UINT32_MAX, sizeof *queue_totals->all);
    for (uint32_t at = 0; at < count && keep_good(keeper); at++) keep_total(keeper, &queue_totals->all[at]);
    queue_totals->hours = keep_rows(keeper, queue_totals->hours, &hours, &queue_totals->hours_capacity, UINT32_MAX,
                                    sizeof *queue_totals->hours);
    for (uint32_t queue = 0; queue < hours && keep_good(keeper); queue++) {
        window_keep(&queue_totals->hours[queue].abandoned, keeper, hour.span_us, queue_totals->now->time_us);
        for (unsigned at = 0; at <= QUEUE_WAITS; at++)
            window_keep(&queue_totals->hours[queue].waits[at], keeper, hour.span_us, queue_totals->now->time_us);
    }
    for (unsigned at = 0; at <= QUEUE_WAITS; at++) queue_totals->waits[at] = keep_u64(keeper, queue_totals->waits[at]);
}

const struct part_ops part_ops_queue_totals = {
    .size = sizeof(struct queue_totals),
    .init = totals_init,
    .free = totals_free,
    .check = queue_totals_good,
    .hear = queue_totals_hear,
    .keep = queue_totals_keep,
};
