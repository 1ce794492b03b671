/* runtime/sim/round.h - Finds the call that goes round without a pause, so that the clock stands still. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/core/core.h"

/* Writes a sentence: which strategy, at which line, and when, as far as the core knows. `now_us`: the core's clock;
 * `since_us`: of it, when the play began. */
void round_tell(const struct core *, uint64_t now_us, uint64_t since_us, char *text, size_t size);
