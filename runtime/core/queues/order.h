/* runtime/core/queues/order.h - Who of those who match is chosen, in the order that the selection names.
 *
 * Orders are rows of vm/orders.def. Of those who come first together the one idle longest is taken, so the choice
 * never depends on how the candidates were found. A random choice is a function of the core's seed, the interaction
 * and its counter of random numbers, so replay makes the same one. */
#ifndef CORE_ORDER_H
#define CORE_ORDER_H

#include <stdbool.h>
#include <stdint.h>

struct core;
struct selector;

struct chosen {
    uint32_t agent;   /* AGENT_NONE: there was nobody */
    uint32_t among;   /* how many matched, as far as that was looked at */
    uint32_t looked;  /* how many were asked */
    uint8_t order;    /* enum wait_order */
    bool has_figure;  /* by which they were compared */
    uint16_t type;    /* of the figure */
    int64_t figure;   /* of the one chosen */
    uint32_t queue;   /* ORDER_share: a queue was drawn instead: its name, else 0 */
    int32_t line;     /* ORDER_share: the line that was drawn */
};

/* Those of one batch who became ready together and match one want: asked once, and their figures computed once, for all
 * who want the same. A cache only. */
enum { CONTENDERS_MAX = 32 };

struct contenders {
    uint64_t want; /* its number; 0: none */
    uint32_t upto; /* so many of core->agents->dirty have been asked */
    struct contender {
        uint64_t rank; /* of the idleness at which the figure was computed */
        int64_t figure;
        uint32_t agent, dirty; /* dirty: where it stands there */
        bool asked, has_figure;
    } * all;
    uint32_t count, capacity;
    uint32_t *places; /* of those in core->choice */
    uint32_t places_capacity;
};

void order_begin(struct core *); /* what was kept is forgotten: others will be ready */
void order_init(struct core *);
void order_free(struct core *);

/* Of all who are ready. */
struct chosen order_first(struct core *, uint32_t visit);
/* One of the lines that can serve, by their shares; `queues`: nobody who is ready matches. */
struct chosen order_drawn(struct core *, uint32_t visit, bool queues);
bool order_by_share(const struct selector *);
/* Of those who became ready together: `from` is the first of them in core->agents->dirty, and matches. */
struct chosen order_fresh(struct core *, uint32_t visit, uint32_t from);

#endif
