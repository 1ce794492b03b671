/* runtime/core/evidence/bound.h - How far an average may be from the truth, at all times at once.
 *
 * Fractions are 32.32: 1 is BOUND_ONE. Variances are in parts of 2^64, for they are small. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define BOUND_ONE (UINT64_C(1) << 32)

__extension__ typedef unsigned __int128 bound_wide;

/* Returns the radius of the interval around an average of `count` observations (1 to 2^40), whose variance (of the
 * average, not of one observation) is given. At any time, the truth is above the interval with the chance `alpha`
 * (parts of a million) at most, and so below it. The radius is narrowest near the count `horizon`. At most BOUND_ONE;
 * rounded up. */
uint64_t bound_radius(uint64_t variance, uint64_t count, uint32_t alpha, uint32_t horizon);

/* Returns the smallest count up to 2^40 at which the radius, and `slack` standard deviations (32.32) besides, fit into
 * the gap (32.32), if one observation has this variance (parts of 2^64); UINT64_MAX: none. */
uint64_t bound_reaches(uint64_t variance_of_one, uint64_t gap, uint64_t slack, uint32_t alpha, uint32_t horizon);

uint64_t bound_root(bound_wide square); /* rounded down; UINT64_MAX at most */
uint64_t bound_ln(bound_wide x);        /* natural logarithm, 32.32 of 32.32; x is BOUND_ONE or more */

/* Returns whether an average that is so far away (32.32) may be outside the radius. It costs little: most averages are
 * not, and their radius needs not be computed. */
bool bound_may_leave(uint64_t variance, uint64_t away, uint32_t alpha);
