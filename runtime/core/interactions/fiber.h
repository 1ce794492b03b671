/* runtime/core/interactions/fiber.h - The timer and the awaited effect of each fiber of an interaction.
 *
 * A strategy that waits nearly always has one fiber, and at most a busy block next to it. Then the interaction
 * itself holds the timers and the one awaited effect. At a race or parallel the interaction has a fork. A fork has
 * one strand per child, and one per busy block of a child; each strand has a timer and an effect. The table owns the
 * forks.
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
    uint64_t until_us; /* logical time at which all tries of the step end together (tries.h); 0: not set */
    uint32_t timer;
    uint8_t fiber, parent; /* fiber of the strand, 0: a busy block between two rounds; its parent */
    bool used, waited;
};

struct fork {
    uint64_t until_us;    /* end of the selection's wait, if a child is a selection */
    uint32_t next;        /* the next free fork */
    uint16_t code;        /* code with which the remaining children fail; 0: they do not fail */
    uint16_t last_code;   /* code with which the last child failed */
    uint8_t count, begun; /* how many children the step has; how many of them have begun */
    uint8_t left;         /* how many children have not ended yet */
    bool race;
    struct strand strands[STRANDS];
};

struct forks {
    const struct now *now;
    const struct claims *claims;
    const struct links *links;
    const struct part_rows *rows;
    struct timers *timers;
    struct slab *slab;
    struct interactions *interactions;
    struct effects *effects;
    struct fork *all;
    uint32_t count, capacity, free, taken;
};

/* Returns the interaction's fork; NULL: the interaction is at no race or parallel. */
struct fork *fork_of(const struct forks *, const struct interaction *);
void fork_begin(struct forks *, struct interaction *, unsigned children, bool race);
void fork_end(void *, struct interaction *); /* also ends the waits of all strands */

/* Gives a part to the fiber, which is about to wait. False: there are too many fibers. */
bool fiber_add(struct forks *, struct interaction *, uint8_t fiber, uint8_t parent);
/* Frees the part of a fiber that has ended. A busy block may begin another round, so its part is kept until
 * fiber_drop; until then the part's timer measures the pause. */
void fiber_gone(struct forks *, struct interaction *, uint8_t fiber);
void fiber_drop(struct forks *, struct interaction *, uint8_t parent);
/* fiber_busy returns the fiber of the busy block next to `parent`; 0: none runs now. fiber_waited: has the busy
 * block waited in its present round? */
uint8_t fiber_busy(const struct forks *, const struct interaction *, uint8_t parent);
bool fiber_waited(const struct forks *, const struct interaction *, uint8_t parent);
void fiber_set_waited(struct forks *, struct interaction *, uint8_t parent, bool waited);
/* True: a busy block may run while the fiber waits. */
bool fiber_may_have_busy(const struct forks *, const struct interaction *, uint8_t fiber);

/* fiber_part returns the part of a fiber; fiber_busy_part that of the busy block next to `parent`; fiber_of_part the
 * fiber of a part, and fiber_parent_of_part the parent of that fiber. */
unsigned fiber_part(const struct forks *, const struct interaction *, uint8_t fiber);
/* PARTS: no strand is free for the busy block */
unsigned fiber_busy_part(struct forks *, struct interaction *, uint8_t parent);
uint8_t fiber_of_part(const struct forks *, const struct interaction *, unsigned part);
uint8_t fiber_parent_of_part(const struct forks *, const struct interaction *, unsigned part);
/* Writes all fibers that wait for something, that of the strategy first, and returns their number. `fibers` has room
 * for PARTS. */
unsigned fibers_of(const struct forks *, const struct interaction *, uint8_t fibers[]);

/* fiber_part_timer returns the timer handle of a part, fiber_part_pending the effect that it awaits; NULL: there is
 * no such part now. */
uint32_t *fiber_part_timer(struct forks *, struct interaction *, unsigned part);
struct pending *fiber_part_pending(struct forks *, struct interaction *, unsigned part);
/* Returns the logical time at which all tries of the part's step end together. 0: the step has a single try, which
 * its own timer ends. */
uint64_t fiber_part_until(const struct forks *, const struct interaction *, unsigned part);
void fiber_part_until_set(struct forks *, struct interaction *, unsigned part, uint64_t until_us);
uint64_t fiber_until_hash(const struct forks *, const struct interaction *);
uint64_t *fiber_until(struct forks *, struct interaction *); /* logical time at which the wait of the selection ends */

/* While an interaction is held its timers are frozen. fiber_timers_thaw lets them run again unless a debugger has
 * stopped the interaction; timers that are due then fire in the order of time. */
bool fiber_link_held(const struct forks *, const struct interaction *);
/* Must the interaction's timers be frozen, because its link is held or a debugger has stopped the interaction? */
bool interaction_held(const struct forks *, const struct interaction *);
void fiber_timers_thaw(struct forks *, struct interaction *);
