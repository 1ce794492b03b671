/* runtime/core/interactions/fiber.h - Where it hangs what a fiber waits for: its timer, and the effect that it awaits.
 *
 * A strategy that waits is nearly always one fiber, with a busy block beside it: their timers, and the one effect that
 * is awaited, are in the interaction. While it stands at a race or parallel it has a fork: there is a strand for each
 * child, and for the busy block of one, with a timer and an effect each. The table owns the forks.
 *
 * Each timer of an interaction has a part: 0 is the strategy's (or its handler's), 1 that of its busy block, from 2 on
 * the strands'. */
#ifndef CORE_FIBER_H
#define CORE_FIBER_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/interactions/effect.h"

struct core;
struct interaction;

enum { STRANDS = 9, PARTS = 2 + STRANDS, FORK_NONE = UINT32_MAX };

struct strand {
    struct pending pending;
    uint64_t until_us; /* tries.h */
    uint32_t timer;
    uint8_t fiber, parent; /* fiber 0: of a busy block between its rounds */
    bool used, waited;
};

struct fork {
    uint64_t until_us;    /* of the selection among the children */
    uint32_t next;        /* of the free ones */
    uint16_t code;        /* by which the children that are left fail; 0: they go on */
    uint16_t last_code;   /* of the child that failed last */
    uint8_t count, begun; /* children: of the step, and of these begun */
    uint8_t left;         /* not yet through */
    bool race;
    struct strand strands[STRANDS];
};

struct forks {
    struct fork *all;
    uint32_t count, capacity, free, taken;
};

struct fork *fork_of(const struct core *, const struct interaction *); /* NULL: it stands at no race or parallel */
void fork_begin(struct core *, struct interaction *, unsigned children, bool race);
void fork_end(struct core *, struct interaction *); /* with what its strands still wait for */

/* The fiber is parked: it has a part from now on. False: there are too many. */
bool fiber_add(struct core *, struct interaction *, uint8_t fiber, uint8_t parent);
/* The fiber is gone. One of a busy block may come again: until fiber_drop its timer is that of the pause. */
void fiber_gone(struct core *, struct interaction *, uint8_t fiber);
void fiber_drop(struct core *, struct interaction *, uint8_t parent);
/* The busy block beside a fiber's wait; 0: there is none now. Whether its round has waited so far. */
uint8_t fiber_busy(const struct core *, const struct interaction *, uint8_t parent);
bool fiber_waited(const struct core *, const struct interaction *, uint8_t parent);
void fiber_set_waited(struct core *, struct interaction *, uint8_t parent, bool waited);
/* May a busy block run beside this fiber's wait? */
bool fiber_may_have_busy(const struct core *, const struct interaction *, uint8_t fiber);

unsigned fiber_part(const struct core *, const struct interaction *, uint8_t fiber);
unsigned fiber_busy_part(struct core *, struct interaction *, uint8_t parent); /* PARTS: there is no room for one */
uint8_t fiber_of_part(const struct core *, const struct interaction *, unsigned part);
uint8_t fiber_parent_of_part(const struct core *, const struct interaction *, unsigned part);
/* All fibers that wait for something, the strategy's first; room for PARTS. */
unsigned fibers_of(const struct core *, const struct interaction *, uint8_t fibers[]);

/* The timer of a part; the effect awaited there. NULL: there is no such part now. */
uint32_t *part_timer(struct core *, struct interaction *, unsigned part);
struct pending *part_pending(struct core *, struct interaction *, unsigned part);
/* When the time of the part's step is over, its tries together; 0: of a single try, its own timer tells it. */
uint64_t *part_until(struct core *, struct interaction *, unsigned part);
uint64_t until_hash(const struct core *, const struct interaction *);
uint64_t *fiber_until(struct core *, struct interaction *); /* when the selection's wait ends */

uint64_t fork_hash(const struct core *, const struct interaction *); /* 0: there is none */
bool fibers_check(const struct core *, const struct interaction *);

/* Whatever is due about this interaction is frozen while its link is held; then it comes, the earliest first. */
bool link_held_for(const struct core *, const struct interaction *);
void link_thaw(struct core *, struct interaction *);

#endif
