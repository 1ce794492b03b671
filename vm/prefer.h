/* vm/prefer.h - The order in which agents take from virtual queues, as a site writes it: `order for agents`. It is a
 * table of an image, TABLE_PREFER. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum prefer_order {
#define PREFER(id, number, word, first, doc) PREFER_##id = number,
#include "vm/prefer_orders.def"
    PREFER_ORDERS
};

enum { PREFER_RANK_MAX = 100 };

/* True: of several ready agents the one comes first whose rank of the queue is the best. */
static inline bool prefer_ranks_agents(enum prefer_order order)
{
    static const bool ranks[PREFER_ORDERS] = {
#define PREFER(id, number, word, first, doc) [number] = first,
#include "vm/prefer_orders.def"
    };
    return ranks[order];
}
