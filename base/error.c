/* base/error.c - Fills a struct error with code and text. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

static void error_write(struct error *error, enum error_code code, uint32_t offset, const char *format,
                        va_list arguments) __attribute__((format(printf, 4, 0)));

static void error_write(struct error *error, enum error_code code, uint32_t offset, const char *format,
                        va_list arguments)
{
    if (!error) return;
    error->code = code;
    error->offset = offset;
    vsnprintf(error->text, sizeof error->text, format, arguments);
}

bool error_set(struct error *error, enum error_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error_write(error, code, 0, format, arguments);
    va_end(arguments);
    return false;
}

bool error_at(struct error *error, enum error_code code, uint32_t offset, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error_write(error, code, offset, format, arguments);
    va_end(arguments);
    return false;
}
