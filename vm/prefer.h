/* vm/prefer.h - The order in which agents take from virtual queues, as a site writes it: `order for agents`. The order
 * is a table of an image, TABLE_PREFER. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum prefer_order {
#define PREFER(id, number, word, first, doc) PREFER_##id = number,
#include "vm/prefer_orders.def"
    PREFER_ORDERS
};

enum {
    PREFER_RANK_MAX = 100,
    PREFER_DELAY_MAX_MS = 86400000,
    PREFER_RULES_MAX = 2000,
    PREFER_STARS_MAX = 8, /* the most different delays that the directory's rows for all other queues may have */
};
#define PREFER_OTHERS       UINT32_MAX /* in place of a name: the row applies to all virtual queues that no row names */
#define PREFER_DELAY_MAX_US (INT64_C(1000) * PREFER_DELAY_MAX_MS)

/* A row of the table: three words. Rows ascend by their names. */
struct prefer_row {
    uint32_t name; /* number of the virtual queue among the image's names, or PREFER_OTHERS */
    uint32_t rank; /* 1 to PREFER_RANK_MAX; 0: never */
    uint32_t delay_ms;
};

struct image;
/* Finds the image's order. False: it has none. The rows are borrowed from the image. */
bool prefer_read(const struct image *, enum prefer_order *, const struct prefer_row **rows, uint32_t *count);

/* True: by this order the agent with the best rank of the queue comes first among several ready agents. */
static inline bool prefer_ranks_agents(enum prefer_order order)
{
    static const bool ranks[PREFER_ORDERS] = {
#define PREFER(id, number, word, first, doc) [number] = first,
#include "vm/prefer_orders.def"
    };
    return ranks[order];
}
