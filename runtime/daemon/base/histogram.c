/* runtime/daemon/base/histogram.c - Counts durations in buckets from a tenth of a millisecond to ten seconds, three per
 * decade. */
#include "runtime/daemon/base/histogram.h"

#include <assert.h>

static const uint32_t bounds_us[HISTOGRAM_BOUNDS] = {
    100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000};

uint64_t histogram_bound_us(unsigned bound)
{
    assert(bound < HISTOGRAM_BOUNDS);
    return bounds_us[bound];
}

void histogram_add(struct histogram *histogram, uint64_t us)
{
    unsigned bound = 0;
    while (bound < HISTOGRAM_BOUNDS && us > bounds_us[bound]) bound++;
    atomic_fetch_add_explicit(&histogram->count[bound], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum_us, us, memory_order_relaxed);
}
