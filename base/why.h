/* base/why.h - A refusal as a sentence for people, written into a buffer of the caller.
 *
 * For functions that have `char *why, size_t why_size` in place of a struct error: their failures have no code. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Writes the sentence, cut at `size` bytes, and returns false: `return why_set(why, why_size, "listen: %s",
 * reason)`. */
bool why_set(char *why, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
