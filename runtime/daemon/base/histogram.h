/* runtime/daemon/base/histogram.h - Counts durations by their length.
 *
 * Owns nothing: a histogram is a member of another struct, and all zero before its first use. Any thread may add and
 * read without a lock: the counts are atomic, and a reader may see a sum that is one duration ahead of its counts.
 * Microseconds. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

enum { HISTOGRAM_BOUNDS = 16 };

struct histogram { /* a histogram is all zero before its first use */
    atomic_uint_fast64_t count[HISTOGRAM_BOUNDS + 1], sum_us;
};

/* The upper bound of a bucket, ascending; durations above the last bound have a bucket of their own. */
uint64_t histogram_bound_us(unsigned bound);
void histogram_add(struct histogram *, uint64_t us);
