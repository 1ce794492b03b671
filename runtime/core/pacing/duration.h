/* runtime/core/pacing/duration.h - Durations: how long things of a kind lasted in the past, and how likely it is
 * that one which has lasted for some time ends soon.
 *
 * Durations are counted by length, in buckets that are 262 ms wide up to 4 s and an eighth of their length above
 * that, up to four hours. Within a bucket, all lengths are taken as equally likely. Old durations are forgotten by
 * halving all counts. The struct has no pointers: it is saved and hashed as it is. Chances are parts of CHANCE_ONE. */
#pragma once

#include <stdint.h>

struct keeper;

enum { DURATION_BUCKETS = 112, DURATION_SHIFT = 18 };
#define CHANCE_ONE (UINT32_C(1) << 30)

struct durations {
    uint32_t at_least[DURATION_BUCKETS]; /* how many durations reached this bucket; [0]: all durations */
};

void durations_add(struct durations *, uint64_t us);
void durations_halve(struct durations *);
uint32_t durations_count(const struct durations *);
uint64_t durations_mean_us(const struct durations *); /* 0: nothing is known */
/* Returns how many durations lasted at least `us`, in units of 1/65,536. */
uint64_t durations_lasting(const struct durations *, uint64_t us);
/* Returns the length below which this share (of CHANCE_ONE) of the durations was; 0: nothing is known. */
uint64_t durations_quantile_us(const struct durations *, uint32_t share);
/* Returns the chance that a thing that has lasted `age_us` ends within `within_us`; 0 if nothing has ever lasted as
 * long. */
uint32_t durations_ends(const struct durations *, uint64_t age_us, uint64_t within_us);

void durations_keep(struct durations *, struct keeper *); /* writes or reads the durations (vm/keep.h) */
