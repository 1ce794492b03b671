/* base/memory.h - Allocates memory; without memory the process ends. Ending the process is safe: a core restarts
 * from its journal, and an adapter asks its switch or server for the current state. Sizes from outside are checked
 * before they come here. */
#pragma once

#include <stddef.h>
#include <stdio.h>

enum { MEMORY_EXIT = 71 }; /* EX_OSERR */

void *memory_zeroed(size_t count, size_t size);
void *memory_grown(void *old, size_t count, size_t size);
/* Returns the array `rows` with space for one row more than `count`, reallocated if necessary: its capacity is a
 * power of two and doubles. So `rows` must have been allocated by this function alone. */
static inline void *memory_more(void *rows, size_t count, size_t size)
{
    return count & (count - 1) ? rows : memory_grown(rows, 2 * count, size);
}
char *memory_text(const char *text); /* returns a copy of the text; NULL gives a copy of "" */
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
FILE *memory_stream(char **text, size_t *length); /* open_memstream() */
