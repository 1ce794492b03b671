/* base/out.c - Building a text in memory that grows as needed. */
#include "base/out.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"

void out_free(struct out *out)
{
    free(out->bytes);
    *out = (struct out){0};
}

void out_put(struct out *out, const char *bytes, size_t length)
{
    if (out->length + length + 1 > out->capacity) {
        out->capacity = (out->length + length + 1) * 2;
        out->bytes = memory_grown(out->bytes, out->capacity, 1);
    }
    if (length > 0) memcpy(out->bytes + out->length, bytes, length);
    out->length += length;
    out->bytes[out->length] = '\0';
}

void out_text(struct out *out, const char *text)
{
    out_put(out, text, strlen(text));
}

void out_format(struct out *out, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    assert(length >= 0 && length < (int)sizeof text);
    out_put(out, text, (size_t)length);
}

void out_json(struct out *out, struct span text)
{
    out_put(out, "\"", 1);
    for (uint32_t at = 0; at < text.length; at++) {
        char c = (char)text.bytes[at];
        if (c == '"' || c == '\\')
            out_put(out, (const char[]){'\\', c}, 2);
        else if (text.bytes[at] < 0x20)
            out_format(out, "\\u%04x", text.bytes[at]);
        else
            out_put(out, &c, 1);
    }
    out_put(out, "\"", 1);
}

void out_moment(struct out *out, int64_t wall_us, char between)
{
    int64_t ms = wall_us >= 0 ? wall_us / 1000 : 0;
    time_t seconds = (time_t)(ms / 1000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    out_format(out, "%04d-%02d-%02d%c%02d:%02d:%02d.%03d", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
               between, parts.tm_hour, parts.tm_min, parts.tm_sec, (int)(ms % 1000));
}
