/* runtime/journal/reserve.h - STATE/reserve: space that is kept for the end.
 *
 * It is given up when the disk has become so full that gcxvm ends, or when a batch finds no room at all: what an
 * orderly end has to write then has a place. Any thread may call these. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Takes so many bytes, unless they are taken already; 0: gives up what there is. False: the disk does not have them. */
bool reserve_take(const char *directory, uint64_t bytes, struct error *);
/* Removes the reserve. False: there was none. */
bool reserve_give_up(const char *directory);
