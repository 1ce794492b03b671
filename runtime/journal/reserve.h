/* runtime/journal/reserve.h - STATE/reserve: disk space that is kept for ending in order.
 *
 * The reserve is given up when the disk is so full that gcxvm ends, or when a batch finds no space: so there is space
 * for what an orderly end has to write. Any thread may call the functions of this file. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Reserves so many bytes, unless this is done already; 0: gives up the reserve. False: the disk does not have enough
 * space. */
bool reserve_take(const char *directory, uint64_t bytes, struct error *);
/* Removes the reserve. False: there was none. */
bool reserve_give_up(const char *directory);
