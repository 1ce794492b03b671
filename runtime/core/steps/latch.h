/* runtime/core/steps/latch.h - Latches of the site: each is set by one condition and reset by another.
 *
 * A latch is one row per name. A latch exists from the moment when an image whose code reads it is activated, and its
 * conditions are those of the image that was activated last. The conditions are evaluated at that moment and again
 * whenever a figure that they have read changes, a setting changes, or time alone may change them; no interaction is
 * needed for this. If both conditions hold the latch is not set, so evaluating twice gives the same as evaluating once.
 * A fault in its conditions leaves the latch as it is. A reader of a latch watches it (statistic.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/interactions/interaction.h"

struct core;

struct latch {
    int64_t turned_wall_us; /* wall clock: when the latch was last set or reset, or first known */
    uint32_t name;
    uint32_t row; /* the latch's row in the image of `program` */
    uint32_t watches;
    uint32_t timer;
    uint16_t program; /* the program whose conditions set and reset the latch */
    bool set;
    bool stale; /* true: the values of the latch's conditions may have changed */
};

struct latches {
    struct latch *all;
    uint32_t count, capacity;
    uint32_t **of_program; /* owned: for each program, the latch of each row of its image; NULL: not activated yet */
    uint32_t programs, program_capacity;
    uint32_t stale_count;
    struct interaction reader; /* an interaction without a call; conditions are evaluated in its block */
    uint64_t content;
};

/* Called when the image of the program is activated. */
void latches_activated(struct core *, uint16_t program);
/* Is the latch of the given row of the program's image set? A condition that reads this is told when it changes. */
bool latch_read(struct core *, uint16_t program, uint32_t row);
/* A figure that the latch's conditions have read has changed: `watcher` is the number given to statistic_watch. */
bool latch_woken(struct core *, uint32_t watcher); /* false: the watcher is no latch */
void latches_settings_changed(struct core *);
/* Returns where the watcher stores its watches; NULL: it is no latch. */
uint32_t *latch_watches(struct core *, uint32_t watcher);
/* Evaluates the conditions whose values may have changed. `wake` is as in statistic_wake, for the other watchers. */
void latches_settle(struct core *, void (*wake)(struct core *, uint32_t watcher));
