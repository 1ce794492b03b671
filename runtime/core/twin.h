/* runtime/core/twin.h - A second core for tests, the twin: it shows whether a snapshot has all that a core knows.
 *
 * A batch is applied to the core and to a twin, which was loaded from the core's snapshot just before. Both must
 * send the same effects and give the same snapshot; then the twin would go on like the core for ever. */
#pragma once

#include <stdbool.h>

#include "runtime/core/core.h"
#include "base/error.h"

/* Applies the batch, as core_apply does, to the core and to a twin. False: core and twin differ, and the error says
 * how; the core itself has applied the batch in any case. Slow. */
bool twin_apply(struct core *, const struct batch *, const struct effect_sink *, struct error *);
