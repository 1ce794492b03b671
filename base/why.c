/* base/why.c - Writes the sentence of a refusal into a buffer. */
#include "base/why.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

bool why_set(char *why, size_t size, const char *format, ...)
{
    assert(why && size > 0 && format);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, size, format, arguments);
    va_end(arguments);
    return false;
}
