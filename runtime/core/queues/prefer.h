/* runtime/core/queues/prefer.h - Preferences of agents among virtual queues: from which queue an agent takes first,
 * and how long an interaction must have waited before this agent takes it from a queue.
 *
 * The plan:
 *  1 A profile is a set of rows (profile, queue, rank, delay). An agent has one profile or none. The part `preferences`
 *    owns the rows; the row of an agent names the profile, and an agent without one has the rows of the profile 0,
 *    which are the site's (`order for agents`).
 *  2 A queue that a profile does not name comes after all queues that it names, and has no delay. A row for the queue
 *    0 gives all these queues another rank and delay. The rank 0 means that the agent never takes from the queue.
 *  3 The delays divide the wait in a queue into classes: class = the queue and the longest delay that is over. All
 *    interactions of a selector are in one class, because selector.h compares `ripe_us`.
 *  4 When a delay is over, the timer of the step looks again, as it does when a line opens. There is no further timer.
 *  5 A table has the rank of each class for each profile, so a question about an agent and a selector is one read.
 *  6 From an agent to a visit (prefer_best.c): selectors are filed by class, too (waiters.h). The agent looks only
 *    into the classes that the profile takes, and the cost grows with their number, not with that of selectors.
 *  7 From a visit to an agent (order.c): the ready agents of each profile are a list (people/ability.h). A profile that
 *    may not take the visit yet is passed over as a whole.
 *  8 The site's order says which counts first (vm/prefer_orders.def): the agent's rank, the priority, or the age.
 *  9 At a site without rows no selector is filed twice, no list is kept, and preferences change no digest.
 * 10 tests/unit/core_prefer.c compares each choice with a look at all agents and all visits. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/prefer.h"
#include "runtime/core/base/table.h"

struct agents;
struct keeper;
struct names;
struct visit;
struct vqs;

enum {
    /* the most rows that the directory's profiles may have together, without the rows of the site's order */
    PREFER_ROWS_MAX = 2000,
    /* the most rows at any time: while a commit comes into force, the table has both the old and the new rows, and
     * those of the site's order */
    PREFER_ALL_MAX = 2 * PREFER_ROWS_MAX + PREFER_RULES_MAX,
    PREFER_LAST = PREFER_RANK_MAX + 1,
};

struct preference {
    uint32_t profile, vq; /* names; profile 0: agents without one; vq 0: all queues that the profile does not name */
    uint64_t delay_us;
    uint8_t rank; /* 1: taken first; 0: never taken */
    bool seen;    /* true: the present commit names the row */
};

/* A queue, and how long its interactions have waited at least. Classes of a queue follow each other by their delay. */
struct prefer_class {
    uint64_t delay_us;
    uint32_t vq;     /* name; 0: the queues that no profile names */
    uint32_t posted; /* how many places of waiters are in the class */
};

struct preferences {
    struct vqs *vqs;
    struct agents *agents;
    const struct names *names;
    struct preference *all; /* sorted by profile and queue */
    uint32_t count, capacity;
    uint16_t program; /* the program whose site has the order for agents without a profile; PROGRAM_NONE: none */
    uint8_t order;    /* enum prefer_order: what the site's order compares first */
    bool stale;       /* true: rows have changed since prefer_build was called */
    uint64_t content; /* sum of the hashes of the rows and the order; 0: there are no rows */
    /* prefer_build() computes the fields below from the rows */
    uint32_t *profiles, profile_count, profile_capacity; /* names of the profiles; [0] is 0 */
    struct prefer_class *classes;
    uint32_t class_count, class_capacity;
    uint8_t *ranks; /* by profile and class */
    uint32_t rank_capacity;
    bool *indifferent; /* by profile; true: all classes have the same rank */
    uint32_t indifferent_capacity;
};

/* Sets the row of a profile for a queue. */
void prefer_row(struct preferences *, uint32_t profile, uint32_t vq, uint8_t rank, uint64_t delay_us);
/* Returns how many rows come from the directory, and not from the site's order. */
uint32_t prefer_directory_rows(const struct preferences *);
void prefer_row_gone(struct preferences *, uint32_t profile, uint32_t vq);
/* Forgets the rows of the profile 0, before the site's order is set anew. */
void prefer_site_forget(struct preferences *);
void prefer_set_order(struct preferences *, enum prefer_order);
/* A whole directory replaces all rows: prefer_unsee() is called before its rows, and after them prefer_drop_unseen()
 * drops each profile's row that the directory did not set. */
void prefer_unsee(struct preferences *);
void prefer_drop_unseen(struct preferences *);

/* Makes classes and ranks of the rows, and gives each agent the place of its profile. No selector may be filed under a
 * class then (prefer_best.h). */
void prefer_build(struct preferences *);

/* Called in place of prefer_build() if there are no rows now, and were none before. */
void prefer_unused(struct preferences *);

/* Returns the class of a queue for interactions whose longest delay that is over is `ripe_us`. */
uint32_t prefer_class_of(const struct preferences *, uint32_t vq, uint64_t ripe_us);
/* Raises `ripe_us` to the queue's longest delay that is over after a wait of `waited_us`, and lowers `next_us` to the
 * queue's next longer delay. */
void prefer_wait(const struct preferences *, uint32_t vq, uint64_t waited_us, uint64_t *ripe_us, uint64_t *next_us);
/* Returns the rank of a class for a profile of the given place, from 1 on; 0: the profile does not take it now. */
static inline uint8_t prefer_rank(const struct preferences *prefer, uint32_t place, uint32_t class)
{
    return prefer->ranks[place * prefer->class_count + class];
}
/* True: the first visit comes before the second one in the site's order; `rank` and `other_rank` are the agent's ranks
 * of their queues. */
bool prefer_before(const struct vqs *, const struct visit *, uint8_t rank, const struct visit *, uint8_t other_rank);
/* True: there is a row of the profile for that queue itself. */
bool prefer_has(const struct preferences *, uint32_t profile, uint32_t vq);
/* Returns the row of the profile for the queue, or for all queues that it does not name; NULL: there is none. */
const struct preference *prefer_find(const struct preferences *, uint32_t profile, uint32_t vq);
