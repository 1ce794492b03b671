/* runtime/core/interactions/fiber.h - The timer and the awaited effect of each fiber of an interaction.
 *
 * A strategy that waits nearly always has one fiber, and at most a busy block beside it. Then the timers and the one
 * awaited effect stand in the interaction. At a race or parallel the interaction has a fork. A fork has one strand per
 * child, and one per busy block of a child; each strand has a timer and an effect. The table owns the forks.
 *
 * Each timer of an interaction has a part number: 0 is the strategy (or its handler), 1 is its busy block, and the
 * strands begin at 2. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/interactions/effect.h"

struct claims;
struct slab;

enum { STRANDS = 9, PARTS = 2 + STRANDS, FORK_NONE = UINT32_MAX };

struct strand {
    struct pending pending;
    uint64_t until_us; /* when all tries of the step are out of time (tries.h); 0: not set */
    uint32_t timer;
    uint8_t fiber, parent; /* fiber 0: a busy block between two rounds */
    bool used, waited;
};

struct fork {
    uint64_t until_us;    /* end of the wait of the selection among the children */
    uint32_t next;        /* the next free fork */
    uint16_t code;        /* code with which the remaining children fail; 0: they go on */
    uint16_t last_code;   /* code of the child that failed last */
    uint8_t count, begun; /* number of children of the step; of these, the number begun */
    uint8_t left;         /* children that are not yet finished */
    bool race;
    struct strand strands[STRANDS];
};

struct forks {
    const struct now *now;
    const struct claims *claims;
    const struct links *links;
    struct timers *timers;
    struct slab *slab;
    struct interactions *interactions;
    struct effects *effects;
    struct fork *all;
    uint32_t count, capacity, free, taken;
};

/* The interaction's fork; NULL: it is at no race or parallel. */
struct fork *fork_of(const struct forks *, const struct interaction *);
void fork_begin(struct forks *, struct interaction *, unsigned children, bool race);
void fork_end(void *, struct interaction *); /* also ends what its strands still wait for */

/* Gives a part to the fiber, which is parked. False: there are too many fibers. */
bool fiber_add(struct forks *, struct interaction *, uint8_t fiber, uint8_t parent);
/* Gives back the part of a fiber that has ended. A busy block may begin another round, so its part stays until
 * fiber_drop; until then the part's timer measures the pause. */
void fiber_gone(struct forks *, struct interaction *, uint8_t fiber);
void fiber_drop(struct forks *, struct interaction *, uint8_t parent);
/* fiber_busy: the fiber of the busy block beside `parent`; 0: there is none now. fiber_waited: whether the busy block's
 * present round has waited so far. */
uint8_t fiber_busy(const struct forks *, const struct interaction *, uint8_t parent);
bool fiber_waited(const struct forks *, const struct interaction *, uint8_t parent);
void fiber_set_waited(struct forks *, struct interaction *, uint8_t parent, bool waited);
/* True: a busy block may run beside this fiber's wait. */
bool fiber_may_have_busy(const struct forks *, const struct interaction *, uint8_t fiber);

/* The part of a fiber; the part of the busy block beside `parent`; the fiber of a part, and its parent. */
unsigned fiber_part(const struct forks *, const struct interaction *, uint8_t fiber);
unsigned fiber_busy_part(struct forks *, struct interaction *, uint8_t parent); /* PARTS: there is no free strand */
uint8_t fiber_of_part(const struct forks *, const struct interaction *, unsigned part);
uint8_t fiber_parent_of_part(const struct forks *, const struct interaction *, unsigned part);
/* Writes all fibers that wait for something, the strategy's first, and returns their number. `fibers` has room for
 * PARTS. */
unsigned fibers_of(const struct forks *, const struct interaction *, uint8_t fibers[]);

/* The timer handle of a part, and the effect awaited there; NULL: there is no such part now. */
uint32_t *fiber_part_timer(struct forks *, struct interaction *, unsigned part);
struct pending *fiber_part_pending(struct forks *, struct interaction *, unsigned part);
/* Returns the logical time at which the tries of the part's step, taken together, are out of time. 0: the step has a
 * single try, which its own timer ends. */
uint64_t fiber_part_until(const struct forks *, const struct interaction *, unsigned part);
void fiber_part_until_set(struct forks *, struct interaction *, unsigned part, uint64_t until_us);
uint64_t fiber_until_hash(const struct forks *, const struct interaction *);
uint64_t *fiber_until(struct forks *, struct interaction *); /* logical time when the selection's wait ends */

/* Timers of an interaction are frozen while it is held. fiber_timers_thaw makes them run again unless a debugger has
 * stopped it; due ones then come in order of time. */
bool fiber_link_held(const struct forks *, const struct interaction *);
/* Must the interaction's timers be frozen, since its link is held or a debugger has stopped it? */
bool interaction_held(const struct forks *, const struct interaction *);
void fiber_timers_thaw(struct forks *, struct interaction *);
