/* runtime/core/run/noted.h - Tells people a text about an interaction: in its history, and to the host for the log. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/state.h"

struct interaction;

/* `text` has NOTE_BYTES_MAX bytes at most. `refused`: it says what did not hold; that is counted, and the log has the
 * last of these with the line at which the fiber stands. */
void noted_tell(struct core *, struct interaction *, uint8_t fiber, struct span text, bool refused);
