/* vm/memory.h - Memory that runs out ends the process: nothing here returns NULL. Sizes were limited before. */
#pragma once

#include <stddef.h>

void *memory_new(size_t bytes); /* zeroed; for free() */
void *memory_resize(void *, size_t bytes);
/* Whole pages, with undefined contents; `bytes` is a multiple of 4 KiB. For free(). */
void *memory_pages(size_t bytes);
/* Nothing in these pages counts any more: the system may have them until they are written anew. */
void memory_pages_idle(void *, size_t bytes);

/* A growing array of bytes. Zeroed struct: empty. */
struct buffer {
    unsigned char *bytes;
    size_t length, capacity;
};
/* Room for so many bytes more at the end, zeroed; returns it. Valid until the buffer grows again. */
void *buffer_add(struct buffer *, size_t bytes);
void buffer_put(struct buffer *, const void *bytes, size_t length);
void buffer_free(struct buffer *);
