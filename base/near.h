/* base/near.h - Guesses which of several names was meant. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Returns how many edits lead from `wanted` to `name`; UINT32_MAX where they are too far apart for a "did you mean". */
uint32_t near_distance(const char *wanted, const char *name);
/* Is `name` nearer to `wanted` than `*least`, the least distance so far, which begins with UINT32_MAX? If so, sets
 * `*least` to its distance. */
bool near_is_nearer(const char *wanted, const char *name, uint32_t *least);
