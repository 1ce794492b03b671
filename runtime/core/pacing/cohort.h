/* runtime/core/pacing/cohort.h - Cohorts: how many things of a kind are in progress, by the time at which they
 * began.
 *
 * Beginnings are counted in steps of 2^shift microseconds; things that began more than COHORTS steps ago are counted
 * together. Plain data. Times never go back. */
#pragma once

#include <stdint.h>

struct keeper;

enum { COHORTS = 128 };

struct cohorts {
    uint64_t newest; /* number of the newest step; the ring has it and the COHORTS - 1 steps before */
    uint64_t older;  /* how many things began before the oldest step of the ring */
    uint32_t shift, total;
    uint32_t began[COHORTS];
};

void cohorts_init(struct cohorts *, uint32_t shift);
void cohorts_begin(struct cohorts *, uint64_t now_us);
/* Notes that a thing which began at `since_us` has ended. */
void cohorts_end(struct cohorts *, uint64_t now_us, uint64_t since_us);
/* Corrects the beginning of a thing that was counted at `since_us`: it began `ago_us` earlier. */
void cohorts_earlier(struct cohorts *, uint64_t now_us, uint64_t since_us, uint64_t ago_us);
/* Moves the ring up to now. Then `began[at]` has the things of age cohorts_age_us(.., at, ..), for each `at` below
 * COHORTS, and `older` those of a greater age. */
void cohorts_move(struct cohorts *, uint64_t now_us);
uint64_t cohorts_age_us(const struct cohorts *, unsigned at, uint64_t now_us);
uint64_t cohorts_oldest_us(const struct cohorts *); /* returns the least age of the things in `older` */

/* Writes or reads the cohorts (vm/keep.h), whose steps have that length and which were counted up to `now_us` at
 * most. */
void cohorts_keep(struct cohorts *, struct keeper *, uint32_t shift, uint64_t now_us);
