/* runtime/core/queues/selector.h - Selectors: the targets that waiting interactions want, namely the open lines of
 * their selections. Interactions with equal lines share one selector.
 *
 * Two visits share a selector if these are equal: queue, link, program, the medium of whose units they take, goal,
 * the delays of agents' preferences that are over, and the open lines with their captured values. So the core checks
 * once per selector whether an agent could serve its visits. A visit that joins others need not be checked: if a ready
 * agent matched, the others would not be waiting. The table owns the selectors and forgets one when no visit has it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/demand.h"
#include "vm/exec.h"
#include "runtime/core/base/table.h"

struct vqs;

enum { SELECTOR_NONE = UINT32_MAX };

struct selector {
    uint64_t key;            /* hash of the contents, increased until no other selector has it */
    uint64_t number;         /* number given when the selector was made, always increasing; 0: the row is free */
    uint32_t root;           /* root of the treap of the selector's visits, in the order of rank */
    uint32_t previous, next; /* previous and next selector of the queue; free row: next is the next free row */
    uint32_t first;          /* the selector's visit with the best rank; VISIT_NONE: none */
    uint32_t places;         /* first place of the selector among the waiters (waiters.h) */
    uint32_t held;           /* how many visits share the selector */
    uint16_t vq, link, program;
    uint16_t medium; /* enum media: an agent must have room for one interaction of this medium */
    uint16_t count;  /* lines */
    /* true: the selector's visits are people whom a campaign has dialled, and for whom agents are kept */
    bool promised;
    struct vm_line *lines;
    struct demand_clause *clauses; /* what the lines of the selection demand of an agent (match_read()) */
    uint32_t line_capacity, clause_capacity, clause_count;
    uint64_t goal_us; /* how soon the selector's visits should be served; this is part of their rank */
    uint64_t ripe_us; /* the longest delay of a preference that is over for the selector's visits (prefer.h) */
    uint32_t highest; /* the skill whose highest level the order prefers; 0: it is another order */
};

struct selectors {
    struct selector *all;
    uint32_t count, capacity, free;
    uint64_t last_number;
    struct lookup by_key;
};

void selectors_init(struct selectors *);
void selectors_free(struct selectors *);

/* The values that make up a selector. */
struct wanted {
    uint16_t vq, link, program;
    uint16_t medium; /* enum media */
    uint16_t count;  /* lines */
    bool promised;
    const struct vm_line *lines;
    uint64_t goal_us, ripe_us;
};

/* Finds the selector or makes it; a new one has no visit yet, and its clauses are not made: then `made` is true.
 * `first` is the head of the queue's list of selectors. Copies the lines. */
uint32_t selector_of(struct selectors *, const struct wanted *, uint32_t *first, bool *made);
void selector_hold(struct selectors *, uint32_t want); /* notes that one more visit has the selector */
/* notes that one visit fewer has the selector; at the last one the row is freed */
void selector_release(struct selectors *, uint32_t want, uint32_t *first);
/* returns a selector, borrowed until the next selector_of */
struct selector *selector_at(const struct selectors *, uint32_t want);

/* Writes or reads the selectors (vm/keep.h), without visits and ranks. */
void selectors_keep(struct vqs *, struct keeper *, struct selectors *);
