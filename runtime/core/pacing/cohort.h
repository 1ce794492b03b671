/* runtime/core/pacing/cohort.h - Cohorts: how many of something are going on, by when they began.
 *
 * Beginnings are counted in steps of 2^shift µs; those that began more than COHORTS steps ago are counted together.
 * Plain data. Times never go back. */
#pragma once

#include <stdint.h>

struct keeper;

enum { COHORTS = 128 };

struct cohorts {
    uint64_t newest; /* number of the newest step; the ring holds it and the COHORTS - 1 before it */
    uint64_t older;  /* how many began before the steps in the ring */
    uint32_t shift, total;
    uint32_t began[COHORTS];
};

void cohorts_init(struct cohorts *, uint32_t shift);
void cohorts_begin(struct cohorts *, uint64_t now_us);
/* Notes the end of one that began at `since_us`. */
void cohorts_end(struct cohorts *, uint64_t now_us, uint64_t since_us);
/* Corrects the beginning of one that was counted at `since_us`: it began `ago_us` earlier. */
void cohorts_earlier(struct cohorts *, uint64_t now_us, uint64_t since_us, uint64_t ago_us);
/* Brings the ring up to now. Then `began[at]` holds those of age cohorts_age_us(.., at, ..), for each `at` below
 * COHORTS, and `older` the ones beyond. */
void cohorts_move(struct cohorts *, uint64_t now_us);
uint64_t cohorts_age_us(const struct cohorts *, unsigned at, uint64_t now_us);
uint64_t cohorts_oldest_us(const struct cohorts *); /* least age of those in `older` */

/* Writes or reads the cohorts (vm/keep.h), which have steps of that length and were counted up to `now_us` at most. */
void cohorts_keep(struct cohorts *, struct keeper *, uint32_t shift, uint64_t now_us);
