/* runtime/core/base/memory.h - Growing arrays. runtime/core/base/memory.h - Functions that get memory. If memory
 * runs out the process ends; the journal makes sure that nothing is lost. */
#pragma once

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/kv.h"
#include "base/memory.h"

enum { MEMORY_LARGE = 1 << 16 };

/* Makes room for `count` elements of `size` bytes; new elements are zero. Small arrays double in size, so that
 * appending is cheap. Large arrays grow by an eighth, so that little memory is unused. Returns the array, which may
 * have moved; the caller owns it. */
static inline void *memory_grow(void *array, uint32_t *capacity, uint32_t count, size_t size)
{
    assert(size > 0 && (array || *capacity == 0));
    if (count <= *capacity) return array;
    uint32_t wanted = *capacity < 8 ? 8 : *capacity;
    while (wanted < count) {
        assert(wanted <= UINT32_MAX / 2);
        wanted += wanted < MEMORY_LARGE ? wanted : wanted / 8;
    }
    uint8_t *grown = memory_grown(array, wanted, size);
    memset(grown + (size_t)*capacity * size, 0, (size_t)(wanted - *capacity) * size);
    *capacity = wanted;
    return grown;
}

/* Copies the bytes; the caller frees the copy with span_free(). The copy of an empty span has a NULL pointer. */
static inline struct span span_copy(struct span bytes)
{
    if (bytes.length == 0) return (struct span){NULL, 0};
    uint8_t *copy = memory_zeroed(bytes.length, 1);
    memcpy(copy, bytes.bytes, bytes.length);
    return (struct span){copy, bytes.length};
}

/* Frees a copy made by span_copy(), and makes the span empty. */
static inline void span_free(struct span *copy)
{
    free((void *)(uintptr_t)copy->bytes);
    *copy = (struct span){NULL, 0};
}
