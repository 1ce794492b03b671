/* base/near.h - Finds the name most similar to a wrongly written one, for a "did you mean". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Returns how many edits lead from `wanted` to `name`; UINT32_MAX where they are too far apart for a "did you mean". */
uint32_t near_distance(const char *wanted, const char *name);
/* Is `name` nearer to `wanted` than `*least`, the smallest distance found so far (UINT32_MAX at first)? If so, sets
 * `*least` to its distance. */
bool near_is_nearer(const char *wanted, const char *name, uint32_t *least);
