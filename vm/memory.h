/* vm/memory.h - Allocates memory; without memory the process ends, so nothing here returns NULL. Sizes were limited
 * before. */
#pragma once

#include <stddef.h>

void *memory_new(size_t bytes); /* zeroed; for free() */
void *memory_resize(void *, size_t bytes);
/* Returns whole pages with undefined contents; `bytes` must be a multiple of 4 KiB. For free(). */
void *memory_pages(size_t bytes);
/* Says that the contents of these pages are no longer needed: the system may take them until they are written again. */
void memory_pages_idle(void *, size_t bytes);

/* A growing array of bytes. Zeroed struct: empty. */
struct buffer {
    unsigned char *bytes;
    size_t length, capacity;
};
/* Adds so many zeroed bytes at the end and returns a pointer to them. The pointer is valid until the buffer grows
 * again. */
void *buffer_add(struct buffer *, size_t bytes);
void buffer_put(struct buffer *, const void *bytes, size_t length);
void buffer_free(struct buffer *);
