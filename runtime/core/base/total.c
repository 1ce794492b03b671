/* runtime/core/base/total.c - Counts how often each fact was reported.
 *
 * Metrics and status show these counters. The counters are in snapshots, so they do not begin again at 0 after a
 * restart. */
#include "runtime/core/base/total.h"

#include <assert.h>

#include "vm/keep.h"
#include "runtime/core/base/facts.h"
#include "runtime/core/base/part.h"

struct totals {
    uint64_t of[FACTS];
};

uint64_t total_of(const struct totals *totals, unsigned fact)
{
    return totals->of[fact];
}

static void totals_hear(void *self, const struct fact *fact)
{
    struct totals *totals = self;
    assert(fact->what < FACTS);
    totals->of[fact->what]++;
}

static void totals_keep(void *self, struct keeper *keeper)
{
    struct totals *totals = self;
    /* Reads the counters. A new fact has the next free number, so the counters of an older snapshot are the first
     * ones. */
    uint32_t count = keep_count(keeper, FACTS, FACTS);
    for (uint32_t fact = 0; fact < count; fact++) totals->of[fact] = keep_u64(keeper, totals->of[fact]);
}

const struct part_ops part_ops_totals = {
    .size = sizeof(struct totals),
    .hear = totals_hear,
    .keep = totals_keep,
};
