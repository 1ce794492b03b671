/* runtime/core/queues/ageing.h - Ageing: priorities that grow while their interactions wait, as in `priority += 1 every
 * 10s`.
 *
 * The table owns the rows, at most one per interaction; a second such statement replaces the first. The growth ends
 * when the priority has reached its bound, and with the strategy. If the strategy switches to another one, the
 * growth continues there. */
#pragma once

#include <stdint.h>

#include "runtime/core/base/table.h"

struct interaction;
struct interactions;
struct now;
struct slab;
struct timers;

enum { AGEING_NONE = UINT32_MAX };

struct ageing {
    uint64_t ixn;
    uint64_t every_us;
    int64_t by, to; /* by: change per step, may be negative; to: the bound */
    uint32_t timer;
    uint32_t next; /* the next free row */
};

struct ageings {
    const struct now *now;
    struct timers *timers;
    struct interactions *interactions;
    struct slab *slab;
    struct ageing *all;
    uint32_t count, capacity, free;
    struct lookup by_ixn;
};

/* Makes the priority grow by `by` every `every_us` microseconds, up or down to `to`. */
void ageing_begin(struct ageings *, struct interaction *, int64_t by, uint64_t every_us, int64_t to);
/* Called when the row's timer has fired: the priority grows by one step. Returns the interaction. */
struct interaction *ageing_due(struct ageings *, uint32_t slot);
void ageing_forget(void *, struct interaction *); /* ends the growth: the priority stays as it is from then on */
