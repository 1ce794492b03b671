/* runtime/vocabulary/memory.h - Memory that is there, or the process ends: the journal makes that safe for a core, and
 * what is at the switch finds an adapter again by its correlators. Sizes from outside are checked before they come
 * here. */
#ifndef VOCABULARY_MEMORY_H
#define VOCABULARY_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

enum { MEMORY_EXIT = 71 }; /* EX_OSERR */

void *memory_zeroed(size_t count, size_t size);
void *memory_grown(void *old, size_t count, size_t size);
char *memory_text(const char *text); /* a copy; of NULL: of "" */

/* Copies a text into a field of `size` bytes; false, and empty, where it is too long. */
int text_set(char *field, size_t size, const char *text);
int text_set_span(char *field, size_t size, struct span);

#endif
