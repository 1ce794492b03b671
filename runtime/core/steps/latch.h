/* runtime/core/steps/latch.h - Latches of the site: each is set by one condition and reset by another.
 *
 * A latch is one row per name. It is kept from the moment when an image whose code reads it is activated, and its
 * conditions are those of the image that was activated last. The conditions are evaluated at that moment and again
 * whenever a figure that they have read changes, a setting does, or time alone may change them; no interaction need
 * wait for it. If both conditions hold the latch is not set, so evaluating twice gives what evaluating once gives.
 * A fault within them leaves the latch as it is. A reader of a latch is a watcher of it (statistic.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/interactions/interaction.h"

struct core;

struct latch {
    int64_t turned_wall_us; /* when it was set or reset last, or first known, by the wall clock of then */
    uint32_t name;
    uint32_t row; /* the latch's row in the image of `program` */
    uint32_t watches;
    uint32_t timer;
    uint16_t program; /* the program whose conditions set and reset the latch */
    bool set;
    bool stale; /* its conditions may have other values now */
};

struct latches {
    struct latch *all;
    uint32_t count, capacity;
    uint32_t **of_program; /* owned: by program, the latch of each row of its image; NULL: not activated yet */
    uint32_t programs, program_capacity;
    uint32_t stale_count;
    struct interaction reader; /* stands for no call: it has the block in which conditions are evaluated */
    uint64_t content;
};

/* The image of the program is in force from now on. */
void latches_activated(struct core *, uint16_t program);
/* Is the latch of that row of the program's image set? If a condition reads, it is told when that changes. */
bool latch_read(struct core *, uint16_t program, uint32_t row);
/* A figure that the latch's conditions have read has changed: `watcher` as they gave it to statistic_watch. */
bool latch_woken(struct core *, uint32_t watcher); /* false: it is no latch's */
void latches_settings_changed(struct core *);
/* The place where the watcher keeps its watches; NULL: it is no latch's. */
uint32_t *latch_watches(struct core *, uint32_t watcher);
/* Evaluates the conditions that may say something else now. `wake` is as in statistic_wake, for the other watchers. */
void latches_settle(struct core *, void (*wake)(struct core *, uint32_t watcher));
