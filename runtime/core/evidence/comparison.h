/* runtime/core/evidence/comparison.h - A difference of the two arms with its radius, and what it says about the margin.
 *
 * Floors of the room, from below: bound, comparison, evidence_rate, then evidence_quantile, evidence_slices and
 * evidence_plan. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/evidence/evidence.h"

/* Fractions are 32.32, as in bound.h. */
struct comparison {
    uint64_t units;     /* calls per arm, or pairs of quarters; 0: nothing to compare yet */
    int64_t difference; /* candidate minus control */
    uint64_t radius;    /* of the interval around it */
    uint64_t variance;  /* of the difference, in parts of 2^64 */
    uint32_t horizon;   /* bound_radius */
};

/* Returns by how much the candidate is worse than the margin allows; negative: by how much it is better. */
int64_t comparison_beyond(const struct evidence_ask *, const struct comparison *);
/* `enough`: the arms have as many calls as the ask wants at least. */
enum evidence_says comparison_says(const struct evidence_ask *, const struct comparison *, bool enough);
/* Fills in the interval in parts of a million. */
void comparison_tell(const struct comparison *, struct evidence *);
/* Returns how many more units there must be until the comparison says something; `least`: units that there must be. */
uint64_t comparison_more(const struct evidence_ask *, const struct comparison *, uint64_t least);
