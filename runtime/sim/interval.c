/* runtime/sim/interval.c - Student's t from a table, and above it by Cornish and Fisher's expansion. */
#include "runtime/sim/interval.h"

#include <math.h>

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
