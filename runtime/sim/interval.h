/* runtime/sim/interval.h - The mean of independent values and its 95 % confidence interval, by Student's t. */
#pragma once

#include <stddef.h>

struct interval {
    double mean, half; /* mean - half to mean + half; half is NAN where fewer than two values are there */
    size_t count;
};

/* NAN stands for a value that is not there, and is left out. */
struct interval interval_of(const double *values, size_t count);
double interval_t(size_t freedom); /* the 97.5 % point of Student's t */
