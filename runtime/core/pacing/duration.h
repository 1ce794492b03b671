/* runtime/core/pacing/duration.h - Durations: how long something lasted in the past, and how likely it is that what has
 * lasted so long already ends within the next while.
 *
 * Counts by length, in buckets that are 262 ms wide up to 4 s and an eighth of their length beyond, up to four hours.
 * In a bucket, lengths are taken to be spread evenly. Old lengths are forgotten by halving all counts. Plain data:
 * saved and hashed as it is. Chances are parts of CHANCE_ONE. */
#pragma once

#include <stdint.h>

struct keeper;

enum { DURATION_BUCKETS = 112, DURATION_SHIFT = 18 };
#define CHANCE_ONE (UINT32_C(1) << 30)

struct durations {
    uint32_t at_least[DURATION_BUCKETS]; /* how many lasted at least until this bucket; [0]: all */
};

void durations_add(struct durations *, uint64_t us);
void durations_halve(struct durations *);
uint32_t durations_count(const struct durations *);
uint64_t durations_mean_us(const struct durations *); /* 0: nothing is known */
/* How many lasted at least `us`, in units of 1/65,536. */
uint64_t durations_lasting(const struct durations *, uint64_t us);
/* The length below which this share (of CHANCE_ONE) of the durations was; 0: nothing is known. */
uint64_t durations_quantile_us(const struct durations *, uint32_t share);
/* The chance that something that has lasted `age_us` ends within `within_us`; 0 if nothing has ever lasted as long. */
uint32_t durations_ends(const struct durations *, uint64_t age_us, uint64_t within_us);

void durations_keep(struct durations *, struct keeper *); /* writes or reads them (vm/keep.h) */
