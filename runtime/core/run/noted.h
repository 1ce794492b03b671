/* runtime/core/run/noted.h - Stores a text about an interaction for people: in its history, and with the host for
 * the log. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/state.h"

struct interaction;

/* Adds a note; `text` has at most NOTE_BYTES_MAX bytes. `refused`: the text says what was wrong; such texts are
 * counted, and the log gets the last one with the source line of the fiber. */
void noted_tell(struct core *, struct interaction *, uint8_t fiber, struct span text, bool refused);
