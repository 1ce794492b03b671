/* runtime/core/queues/pace.h - The pace of a queue: the time between two interactions that leave it because they are
 * distributed or their customer leaves. The expected wait is computed from it.
 *
 * A time counts only if somebody waited during all of it. Until there is such a time, the time between the last two
 * interactions that left is used as a guess. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct pace {
    uint64_t left_us; /* when the last interaction was distributed or abandoned */
    /* smoothed mean of the time between two interactions that leave the queue while somebody waits */
    uint64_t spacing_us;
    /* how many times the mean contains, up to the smoothing; 0: spacing_us is a guess or unknown */
    uint8_t spacings;
    bool waited; /* true: somebody has waited ever since left_us */
};

/* Notes that an interaction has left the queue. `moved`: it was distributed or abandoned; `wait`: others still wait. */
void pace_leave(struct pace *, bool moved, bool wait, uint64_t now_us);
/* Returns the expected wait at a position, from 1: the position times the spacing; UINT64_MAX: unknown. */
uint64_t pace_expected_us(const struct pace *, uint32_t position);
/* Sets the range in which the wait at a position, from 1, will probably be: about a tenth waits less, a tenth longer.
 * False: unknown. */
bool pace_range_us(const struct pace *, uint32_t position, uint64_t *low_us, uint64_t *high_us);
uint64_t pace_hash(const struct pace *, uint64_t hash);
