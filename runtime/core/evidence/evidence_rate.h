/* runtime/core/evidence/evidence_rate.h - What quantiles and plans use of rates. */
#pragma once

#include "runtime/core/evidence/comparison.h"

/* The arms' rates beside each other, whatever their number of calls. */
struct comparison evidence_rate_compare(const struct evidence_ask *, const struct evidence_arm *control,
                                        const struct evidence_arm *candidate);
/* Returns the calls that each arm must have before anything is said. */
uint64_t evidence_rate_least(const struct evidence_ask *);
