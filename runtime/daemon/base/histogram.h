/* runtime/daemon/base/histogram.h - Durations counted by length: from any thread, without a lock. */
#ifndef DAEMON_HISTOGRAM_H
#define DAEMON_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

enum { HISTOGRAM_BOUNDS = 16 };

struct histogram { /* zero before its first use */
    atomic_uint_fast64_t count[HISTOGRAM_BOUNDS + 1], sum_us;
};

/* Ascending; what is longer than the last is counted beyond. */
uint64_t histogram_bound_us(unsigned bound);
void histogram_add(struct histogram *, uint64_t us);

#endif
