/* runtime/core/queues/waiters.h - Waiters: the selectors of waiting interactions, filed by what they demand, each in
 * a heap by the rank of its first visit.
 *
 *     skill French   level 3:  heap of selectors        an agent with French 5 looks at the levels 0 to 5,
 *                    level 5:  heap                     and takes the best root; its children come next
 *     group sales           :  heap
 *     no term               :  heap                     everybody looks here
 *
 * A selector is filed under the first term of each of its clauses, once under each term: a skill and its least
 * level, a group, an agent or a place; a clause without terms is filed separately. If agents have preferences, the
 * selector is filed once more under each term, together with the clause's class (prefer.h). So for an agent who becomes
 * ready only the visits that wait for such an agent are looked at, best rank first. Part of struct vqs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"

struct vqs;

struct waiters {
    struct waiters_row {
        uint64_t key; /* made of type and name of a term, and of the class of preferences plus 1, or 0 (waiters_key) */
        struct waiters_heap {
            uint32_t *all; /* rows of `places` */
            uint32_t count, capacity;
        } * levels; /* array by the term's least level */
        uint32_t level_count;
    } * rows;
    uint32_t row_count, row_capacity;
    struct lookup by_key;
    struct waiters_place {
        uint32_t want, row, level, at; /* the selector; its row, level and index in the heap */
        uint32_t next;                 /* the selector's next place, or the next free row */
    } * places;
    uint32_t place_count, place_capacity, free;
    uint32_t posted;    /* how many places are in use */
    uint32_t *frontier; /* a heap of the places that a search must look at next */
    uint32_t frontier_count, frontier_capacity;
};

void waiters_init(struct waiters *);
void waiters_free(struct waiters *);
/* Notes that the selector's first visit is now `first`; VISIT_NONE: it has no visit any more. */
void waiters_first(struct vqs *, uint32_t want, uint32_t first);
/* Returns the visit of best rank that this agent could serve; VISIT_NONE: there is none. For an agent who is not
 * ready: the visit that the agent could serve when free. */
uint32_t waiters_best(struct vqs *, uint32_t agent);
/* waiters_unpost_all() takes all selectors out of their heaps, waiters_post_all() files them again: in between, the
 * classes of preferences may change. */
void waiters_unpost_all(struct vqs *);
void waiters_post_all(struct vqs *);
/* Returns the key of the row for a term and a class of preferences. `class`: the number of the class plus 1, or 0 for
 * the row of all selectors, whatever their class. */
static inline uint64_t waiters_key(uint16_t type, uint32_t name, uint32_t class)
{
    return (uint64_t) class << 48 | (uint64_t)type << 32 | name;
}
/* Returns the class of such a key. */
static inline uint32_t waiters_class(uint64_t key)
{
    return (uint32_t)(key >> 48);
}
/* True: the heaps are in order and hold the selectors that have visits. Slow. */
bool waiters_check(const struct vqs *);
