/* base/near.h - Guesses which of several names was meant. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* How many edits lead from `wanted` to `name`. UINT32_MAX where they are too far apart to ask "did you mean". */
uint32_t near_distance(const char *wanted, const char *name);
/* Is the name nearer than all before? Then `*least`, which begins with UINT32_MAX, is its distance. */
bool near_is_nearer(const char *wanted, const char *name, uint32_t *least);
