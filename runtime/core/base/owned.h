/* runtime/core/base/owned.h - Texts that a row owns, as keepers write and read them (vm/keep.h). */
#pragma once

#include <stdint.h>

struct keeper;

/* The text; while reading a copy for free(), NULL if it is empty. `max`: most bytes. */
struct span owned_text_keep(struct keeper *, struct span, uint32_t max);
/* The same of packed pairs, which are well-formed or else fail. */
struct span owned_pairs_keep(struct keeper *, struct span, uint32_t max);
