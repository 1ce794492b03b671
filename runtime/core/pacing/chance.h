/* runtime/core/pacing/chance.h - Chances: how many of many independent things happen, if each has its own chance to
 * happen.
 *
 * Up to the number CHANCES_EXACT, the chance of each number of events is computed exactly. If more could happen,
 * mean and variance are used with the normal curve. All chances are in parts of CHANCE_ONE (duration.h). */
#pragma once

#include <stdint.h>

#include "runtime/core/pacing/duration.h"

enum { CHANCES_EXACT = 48 };

struct chances {
    uint32_t count;                   /* number of things */
    uint32_t most;                    /* the most things that can happen; CHANCES_EXACT + 1: more than CHANCES_EXACT */
    uint64_t mean, variance;          /* mean and variance of the number of things that happen */
    uint32_t each[CHANCES_EXACT + 1]; /* each[n]: chance that exactly n things happen, if most <= CHANCES_EXACT */
};

void chances_init(struct chances *);
/* Adds `count` things, each of which happens with the given chance. */
void chances_add(struct chances *, uint32_t chance, uint32_t count);
/* Returns the chance that demand exceeds supply plus `spare`, which is available already. */
uint32_t chances_exceed(const struct chances *demand, const struct chances *supply, int64_t spare);
/* Returns the standard deviation of demand minus supply, in thousandths. */
uint64_t chances_spread(const struct chances *demand, const struct chances *supply);
