/* runtime/vocabulary/memory.c - Allocation that does not fail, and texts in fields of a fixed size. */
#include "runtime/vocabulary/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_exit(void *memory)
{
    if (!memory) {
        fputs("out of memory\n", stderr);
        _Exit(MEMORY_EXIT);
    }
    return memory;
}

void *memory_zeroed(size_t count, size_t size)
{
    return or_exit(calloc(count == 0 ? 1 : count, size));
}

void *memory_grown(void *old, size_t count, size_t size)
{
    return or_exit(reallocarray(old, count == 0 ? 1 : count, size));
}

char *memory_text(const char *text)
{
    return or_exit(strdup(!text ? "" : text));
}

int text_set(char *field, size_t size, const char *text)
{
    struct span span = {(const uint8_t *)text, !text ? 0 : (uint32_t)strnlen(text, UINT32_MAX)};
    return text_set_span(field, size, span);
}

int text_set_span(char *field, size_t size, struct span text)
{
    if (text.length >= size) {
        field[0] = 0;
        return 0;
    }
    if (text.length > 0) memcpy(field, text.bytes, text.length);
    field[text.length] = 0;
    return 1;
}
