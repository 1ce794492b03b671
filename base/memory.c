/* base/memory.c - Allocation that ends the process when there is no memory. */
#include "base/memory.h"

#include <stdarg.h>
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

char *memory_format(const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return or_exit(length < 0 ? NULL : text);
}

FILE *memory_stream(char **text, size_t *length)
{
    return or_exit(open_memstream(text, length));
}
