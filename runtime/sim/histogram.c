/* runtime/sim/histogram.c - Counts times in buckets by their leading bits: each power of two has 128 buckets. */
#include "runtime/sim/histogram.h"

#include <math.h>

enum { PARTS = 1 << HISTOGRAM_BITS };

static uint32_t histogram_bucket(uint64_t us)
{
    if (us < PARTS) return (uint32_t)us;
    unsigned shift = 63 - (unsigned)__builtin_clzll(us) - HISTOGRAM_BITS;
    uint64_t bucket = ((uint64_t)(shift + 1) << HISTOGRAM_BITS) + (us >> shift) - PARTS;
    return bucket < HISTOGRAM_BUCKETS ? (uint32_t)bucket : HISTOGRAM_BUCKETS - 1;
}

static double lower_bound(uint32_t bucket)
{
    if (bucket < PARTS) return bucket;
    unsigned shift = (bucket >> HISTOGRAM_BITS) - 1;
    return (double)((uint64_t)((bucket & (PARTS - 1)) + PARTS) << shift);
}

void sim_histogram_add(struct simulated_histogram *h, uint64_t us)
{
    h->count++;
    h->sum_us += (double)us;
    h->most_us = us > h->most_us ? us : h->most_us;
    h->buckets[histogram_bucket(us)]++;
}

double histogram_quantile(const struct simulated_histogram *h, double share)
{
    double wanted = share * (double)h->count, before = 0;
    for (uint32_t i = 0; h->count > 0 && i < HISTOGRAM_BUCKETS; i++) {
        double here = h->buckets[i];
        if (here > 0 && before + here >= wanted) {
            double low = lower_bound(i), high = lower_bound(i + 1);
            double at = i < PARTS ? low : low + (high - low) * (wanted - before) / here;
            return at < (double)h->most_us ? at : (double)h->most_us;
        }
        before += here;
    }
    return (double)h->most_us;
}

double histogram_share(const struct simulated_histogram *h, uint64_t us)
{
    uint32_t last = histogram_bucket(us);
    double sum = 0;
    for (uint32_t i = 0; i < last; i++) sum += h->buckets[i];
    if (h->count == 0) return 0;
    double low = lower_bound(last), width = lower_bound(last + 1) - low;
    return (sum + h->buckets[last] * (((double)us - low + 1) / width)) / (double)h->count;
}

/* Returns a quantile of Student's t: from a table, for more degrees of freedom by Cornish and Fisher's expansion. */
double interval_t(size_t freedom)
{
    static const double table[] = {NAN,    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469,
                                   2.3646, 2.3060,  2.2622, 2.2281, 2.2010, 2.1788, 2.1604,
                                   2.1448, 2.1314,  2.1199, 2.1098, 2.1009, 2.0930, 2.0860};
    static const double z = 1.959963984540054;
    if (freedom < sizeof table / sizeof *table) return table[freedom];
    double n = (double)freedom, z3 = z * z * z, z5 = z3 * z * z;
    return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n);
}

struct interval interval_of(const double *values, size_t count)
{
    struct interval result = {NAN, NAN, 0};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        if (isnan(values[i])) continue;
        sum += values[i];
        result.count++;
    }
    if (result.count == 0) return result;
    double n = (double)result.count;
    result.mean = sum / n;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i])) squares += (values[i] - result.mean) * (values[i] - result.mean);
    if (result.count > 1) result.half = interval_t(result.count - 1) * sqrt(squares / (n - 1) / n);
    return result;
}
