/* runtime/core/queues/selector.h - Selectors: the targets that waiting interactions ask for, namely the open lines of
 * their selections. Equal ones share one selector.
 *
 * Two visits share a selector when the queue, the link, the program, the medium of whose units they take, the goal and
 * the open lines with their captured values are equal. So the core asks once per selector whether an agent could serve
 * its visits. A visit that joins others need not be asked about at all: if a ready agent matched, the others would not
 * be waiting. The table owns the selectors and forgets one when no visit has it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/demand.h"
#include "vm/exec.h"
#include "runtime/core/base/table.h"

struct vqs;

enum { SELECTOR_NONE = UINT32_MAX };

struct selector {
    uint64_t key;            /* hash of the contents, raised until it is unique */
    uint64_t number;         /* given when the selector was made; grows; 0: the row is free */
    uint32_t root;           /* root of the treap of its visits, in the order of rank */
    uint32_t previous, next; /* neighbours among the selectors of the queue; free row: next is the next free row */
    uint32_t first;          /* the visit of best rank; VISIT_NONE: none */
    uint32_t places;         /* its first place among the waiters (waiters.h) */
    uint32_t held;           /* how many visits have it */
    uint16_t vq, link, program;
    uint16_t medium; /* enum media: an agent must have room for one interaction of this medium */
    uint16_t count;  /* lines */
    bool promised;   /* its visits are people whom a campaign has dialled for the agents who are promised */
    struct vm_line *lines;
    struct demand_clause *clauses; /* what the lines demand (match_read) */
    uint32_t line_capacity, clause_capacity, clause_count;
    uint64_t goal_us; /* how soon its visits should be served: part of their rank */
    uint32_t highest; /* the skill in whose highest level the order chooses; 0: the order is another */
};

struct selectors {
    struct selector *all;
    uint32_t count, capacity, free;
    uint64_t last_number;
    struct lookup by_key;
};

void selectors_init(struct selectors *);
void selectors_free(struct selectors *);

/* The parts that make a selector. */
struct wanted {
    uint16_t vq, link, program;
    uint16_t medium; /* enum media */
    uint16_t count;  /* lines */
    bool promised;
    const struct vm_line *lines;
    uint64_t goal_us;
};

/* Finds the selector or makes it; no visit holds a new one yet, and its clauses are not read: `made` is true. `first`
 * is the head of the queue's list of selectors. Copies the lines. */
uint32_t selector_of(struct selectors *, const struct wanted *, uint32_t *first, bool *made);
void selector_hold(struct selectors *, uint32_t want);                     /* one more visit has it */
void selector_release(struct selectors *, uint32_t want, uint32_t *first); /* the last release frees the row */
struct selector *selector_at(const struct selectors *, uint32_t want);     /* borrowed until the next selector_of */

/* Writes or reads the selectors (vm/keep.h), without visits and ranks. */
void selectors_keep(struct vqs *, struct keeper *, struct selectors *);
