/* vm/memory.c - Allocates memory; without memory the process ends. */
#include "vm/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The system may refuse to take parts of larger pages, which then stay. */
enum { PAGE = 4096 };

void *memory_new(size_t bytes)
{
    /* large memory is zeroed by the system, and not touched before it is used */
    void *memory = calloc(bytes ? bytes : 1, 1);
    if (!memory) abort();
    return memory;
}

void *memory_resize(void *old, size_t bytes)
{
    void *memory = realloc(old, bytes ? bytes : 1);
    if (!memory) abort();
    return memory;
}

void *memory_pages(size_t bytes)
{
    void *memory = aligned_alloc(PAGE, bytes);
    if (!memory) abort();
    return memory;
}

void memory_pages_idle(void *pages, size_t bytes)
{
    (void)madvise(pages, bytes, MADV_DONTNEED);
}

void *buffer_add(struct buffer *buffer, size_t bytes)
{
    /* never NULL, so that callers may compute with the pointer */
    if (!buffer->bytes || bytes > buffer->capacity - buffer->length) {
        size_t capacity = buffer->capacity ? buffer->capacity : 256;
        while (capacity - buffer->length < bytes) capacity *= 2;
        buffer->bytes = memory_resize(buffer->bytes, capacity);
        buffer->capacity = capacity;
    }
    unsigned char *at = buffer->bytes + buffer->length;
    if (bytes) memset(at, 0, bytes);
    buffer->length += bytes;
    return at;
}

void buffer_put(struct buffer *buffer, const void *bytes, size_t length)
{
    unsigned char *at = buffer_add(buffer, length);
    if (length) memcpy(at, bytes, length);
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}
