/* runtime/core/pacing/chance.h - Chances: how many of many independent things happen, each with a chance of its own.
 *
 * Up to the number CHANCES_EXACT the chance of every number is enumerated, of however many things. If more could
 * happen, mean and variance stand for it and the normal curve answers. All in parts of CHANCE_ONE (duration.h). */
#pragma once

#include <stdint.h>

#include "runtime/core/pacing/duration.h"

enum { CHANCES_EXACT = 48 };

struct chances {
    uint32_t count;                   /* of things */
    uint32_t most;                    /* the largest number that has a chance; CHANCES_EXACT + 1: too large a one */
    uint64_t mean, variance;          /* of the number that happen */
    uint32_t each[CHANCES_EXACT + 1]; /* the chance that exactly so many happen, while most <= CHANCES_EXACT */
};

void chances_init(struct chances *);
/* `count` more things, each with this chance. */
void chances_add(struct chances *, uint32_t chance, uint32_t count);
/* The chance that at least `spare` + 1 more of the first happen than of the second: the chance that demand exceeds
 * supply, where `spare` is there already. */
uint32_t chances_exceed(const struct chances *demand, const struct chances *supply, int64_t spare);
/* How far the first less the second is from its mean as a rule: the standard deviation, in thousandths. */
uint64_t chances_spread(const struct chances *demand, const struct chances *supply);
