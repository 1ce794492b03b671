/* runtime/core/queues/order.h - Chooses among the agents who match a selection, in the order that the selection names.
 *
 * The orders are rows of vm/orders.def. If several agents come first in an order, the selection's next order decides
 * among them; after the last one the core takes the one idle longest, so the choice does not depend on how the
 * candidates were found. A random choice is a function of the core's seed, the interaction and the interaction's
 * counter of random numbers, so a replay makes the same choice. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct agents;
struct candidates;
struct claims;
struct core_options;
struct demand_clause;
struct interactions;
struct accesses;
struct links;
struct selector;
struct slab;
struct strategies;
struct vqs;

struct chosen {
    uint32_t agent;  /* AGENT_NONE: nobody was chosen */
    uint32_t among;  /* how many agents matched, among those that the core examined */
    uint32_t looked; /* how many agents the core examined */
    uint8_t order;   /* enum wait_order */
    bool has_figure; /* true: the agents were compared by a figure */
    uint16_t type;   /* type of the figure */
    int64_t figure;  /* the chosen agent's figure */
    /* the selection's next order that has decided among agents whom the first order left equal; of several such orders,
     * the last */
    uint8_t tie;       /* enum wait_order */
    uint16_t tie_type; /* type of that order's figure; TYPE_VOID: it has none */
    uint32_t equal;    /* how many agents were equal before that order decided; 0: there was no such order */
    int64_t tie_figure;
    uint32_t queue; /* name of the queue that was chosen; 0: no queue was chosen */
    int32_t line;   /* with ORDER_share, or if a queue was chosen: the line that was chosen */
};

enum { KEPT_MAX = 32 };

/* The agents among whom the core chooses now. If many agents became ready together, the matching ones are kept for
 * later selectors with the same demands. */
struct choices {
    const struct core_options *options; /* for the seed */
    struct agents *agents;              /* only read */
    const struct links *links;
    const struct accesses *accesses;
    const struct interactions *interactions;
    struct claims *claims; /* only read */
    struct slab *slab;
    const struct strategies *strategies;
    struct vqs *vqs;
    struct candidates *candidates;
    uint32_t *all;
    uint32_t count, capacity;
    uint32_t *equal; /* of these, the ones whom the orders so far leave equal */
    uint32_t equal_count, equal_capacity;
    struct kept_order {
        struct demand_clause *clauses;
        uint32_t clause_count, clause_capacity; /* number of clauses, 0: the row is free; room for clauses */
        uint32_t upto;                          /* how many of the agents who became ready have been checked so far */
        uint32_t *all, count, capacity;         /* the matching agents, as places in the agents' dirty list */
    } kept[KEPT_MAX];
    uint32_t kept_next, relisted; /* relisted: the value in struct agents when the first row was kept */
};

void order_begin(struct choices *); /* forgets the kept agents, because other agents have become ready together */

/* Chooses among all ready agents. */
struct chosen order_first(struct choices *, uint32_t visit);
/* Chooses, among the lines that can serve, the one that is owed most by the shares. `queues`: no ready agent
 * matches, so only queues can be chosen. */
struct chosen order_shared(struct choices *, uint32_t visit, bool queues);
/* True: a ready agent matches who cannot be reached from the link of the waiting calls, and no agent who is logged
 * in and can be reached from there matches. */
bool order_out_of_reach(struct choices *, const struct selector *);
/* Chooses a queue, since no agent matches: the first, or the one that is best by the statistic (it.queue) that the
 * order compares. */
void order_queue(struct choices *, uint32_t visit, struct chosen *);
/* True: the selector's order is ORDER_share. */
bool order_by_share(const struct selector *);
/* Chooses among the agents who became ready together. `from` is the place of the first of these agents in the
 * agents' dirty list; this agent matches. AGENT_NONE: the selection asks all agents, and has asked them all. */
struct chosen order_fresh(struct choices *, uint32_t visit, uint32_t from);

/* Most agents whose telephones ring together for one call. */
enum { RING_MOST = 8 };
/* Chooses further agents for the visit, whose telephones ring together with that of the agent who was chosen: in the
 * selection's order, at most `most`. The telephones of these agents are at the call's own switch. `fresh`: only agents
 * are chosen for whom this visit is the best, since other visits may wait for the agents who became ready together.
 * Returns how many there are. */
uint32_t order_along(struct choices *, uint32_t visit, bool fresh, uint32_t most, struct chosen along[RING_MOST]);
