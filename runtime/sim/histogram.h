/* runtime/sim/histogram.h - A histogram of times in constant memory; a bucket's width is at most 1/128 of its times.
 * Sum, least and greatest time are exact. A histogram of zeros is an empty one. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { HISTOGRAM_BITS = 7, HISTOGRAM_BUCKETS = (46 - HISTOGRAM_BITS) << HISTOGRAM_BITS };

struct simulated_histogram {
    uint64_t count, most_us;
    double sum_us;
    uint32_t buckets[HISTOGRAM_BUCKETS];
};

void sim_histogram_add(struct simulated_histogram *, uint64_t us);
/* Returns the time that this share of all times (0 to 1) does not exceed; 0 for an empty histogram. */
double histogram_quantile(const struct simulated_histogram *, double share);
/* Returns the share of all times that are at most `us`; 0 for an empty histogram. */
double histogram_share(const struct simulated_histogram *, uint64_t us);

/* The mean of independent values and its 95 % confidence interval, by Student's t. */
struct interval {
    double mean, half; /* the interval is mean - half to mean + half; half is NAN with fewer than two values */
    size_t count;
};

/* Computes the interval; NAN among the values means a missing value, which is left out. */
struct interval interval_of(const double *values, size_t count);
double interval_t(size_t freedom); /* returns the 97.5 % point of Student's t */
