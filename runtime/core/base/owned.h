/* runtime/core/base/owned.h - Texts that a row owns, as keepers write and read them (vm/keep.h). */
#pragma once

#include <stdint.h>

struct keeper;

/* Writes or reads a text of at most `max` bytes, and returns it. While reading, it is a copy that the caller frees with
 * free(); NULL if it is empty. */
struct span owned_text_keep(struct keeper *, struct span, uint32_t max);
/* As owned_text_keep(), for packed pairs; fails if the pairs are not well-formed. */
struct span owned_pairs_keep(struct keeper *, struct span, uint32_t max);
