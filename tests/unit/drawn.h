/* tests/unit/drawn.h - Where a test begins to draw that does things at random. GCX_SEED of the environment says it: the
 * check gives each day another one (tests/quick/check.sh). Without it each run does the same. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The number of the first round: rounds of two days have no number in common. */
static inline uint64_t drawn_from(void)
{
    const char *seed = getenv("GCX_SEED");
    if (seed) fprintf(stderr, "drawn with GCX_SEED=%s, which draws the same again\n", seed);
    return seed ? strtoull(seed, NULL, 10) * 1000 : 0;
}
