/* base/why.c - Writes the sentence of a refusal into a buffer. */
#include "base/why.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool why_set(char *why, size_t size, const char *format, ...)
{
    assert(why && size > 0 && format);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, size, format, arguments);
    va_end(arguments);
    return false;
}

void why_connections(char *why, size_t size, const char *lines)
{
    static const char about[] = "connection to ";
    size_t used = 0;
    assert(why && size > 0 && lines);
    why[0] = '\0';
    for (size_t length; *lines != '\0' && used + 1 < size; lines += length + (lines[length] == '\n')) {
        length = strcspn(lines, "\n");
        if (used > 0 && strncmp(lines, about, sizeof about - 1) != 0) continue;
        snprintf(why + used, size - used, "%s%.*s", used > 0 ? "; " : "", (int)length, lines);
        used = strlen(why);
    }
}
