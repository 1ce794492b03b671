/* runtime/daemon/base/histogram.h - Durations, counted by how long they were.
 *
 * Owns nothing: a histogram is a member of what it belongs to, and zero before its first use. Any thread may add and
 * read without a lock: the counts are atomic, and a reader may see a sum that is one duration ahead of its counts.
 * Microseconds. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

enum { HISTOGRAM_BOUNDS = 16 };

struct histogram { /* zero before its first use */
    atomic_uint_fast64_t count[HISTOGRAM_BOUNDS + 1], sum_us;
};

/* The upper bound of a count, ascending; durations longer than the last bound have a count of their own. */
uint64_t histogram_bound_us(unsigned bound);
void histogram_add(struct histogram *, uint64_t us);
