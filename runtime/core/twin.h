/* runtime/core/twin.h - The twin, for tests: it shows whether a snapshot has all that a core knows.
 *
 * A batch is applied to the core and to a twin, which was loaded from the core's snapshot just before. Both must send
 * the same effects and come to the same snapshot; so the twin would go on like the core for ever. */
#pragma once

#include <stdbool.h>

#include "runtime/core/core.h"
#include "base/error.h"

/* Applies the batch, as core_apply, to the core and to a twin. False: they differ, and the error says how; the batch
 * has been applied to the core in any case. Slow. */
bool twin_apply(struct core *, const struct batch *, const struct effect_sink *, struct error *);
