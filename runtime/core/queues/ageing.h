/* runtime/core/queues/ageing.h - Priorities that grow while their interactions wait for their turn: `priority += 1 every 10s`.
 *
 * The table owns the rows, at most one an interaction: who says it again begins anew. A growth ends where it has come
 * to its bound, and with the strategy; a strategy that is switched to takes it over. */
#ifndef CORE_GROWTH_H
#define CORE_GROWTH_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"

struct core;
struct interaction;

enum { AGEING_NONE = UINT32_MAX };

struct ageing {
    uint64_t ixn;
    uint64_t every_us;
    int64_t by, to; /* by may be less than 0; to: where it ends */
    uint32_t timer;
    uint32_t next; /* of the free ones */
};

struct ageings {
    struct ageing *all;
    uint32_t count, capacity, free;
    struct lookup by_ixn;
};

void ageing_begin(struct core *, struct interaction *, int64_t by, uint64_t every_us, int64_t to);
void ageing_on_timer(struct core *, uint32_t growth);
void ageing_forget(struct core *, struct interaction *);
uint64_t ageing_hash(const struct core *, const struct interaction *); /* of what is to come */

#endif
