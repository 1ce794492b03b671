/* runtime/core/base/owned.h - Texts that a row owns: how they are written to a snapshot and read (vm/keep.h). */
#pragma once

#include <stdint.h>

struct keeper;

/* Writes or reads a text of at most `max` bytes for a snapshot, and returns it. When the keeper reads, the text is a
 * copy that the caller frees with free(); NULL if the text is empty. */
struct span owned_text_keep(struct keeper *, struct span, uint32_t max);
/* Does the same as owned_text_keep() for packed pairs; fails if the pairs are not well-formed. */
struct span owned_pairs_keep(struct keeper *, struct span, uint32_t max);
