/* compiler/syntax/literal.c - Computes the values of literals whose form the scanner has checked. */
#include "compiler/syntax/literal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/written.h"

/* strtod() in the C locale, which gcxc never changes, rounds according to IEEE 754. */
bool literal_float(struct arena *arena, const char *text, size_t length, double *value)
{
    *value = strtod(arena_copy(arena, text, length), NULL);
    return isfinite(*value);
}

bool literal_percent(const char *text, size_t length, int64_t *hundredths)
{
    int64_t millionths;
    if (!written_percent(text, length, &millionths) || millionths % 100 != 0) return false;
    *hundredths = millionths / 100;
    return true;
}

bool literal_date(const char *text, int64_t *us)
{
    enum { LENGTH = 10 };
    int64_t days;
    if (!written_date(text, LENGTH, &days) || days < 0) return false;
    *us = days * 86400 * INT64_C(1000000);
    return true;
}

bool literal_is_digits(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= 18 && strspn(text, "0123456789") == length;
}

size_t literal_code_point(uint32_t c, char bytes[4])
{
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return 0;
    if (c < 0x80) {
        bytes[0] = (char)c;
        return 1;
    }
    size_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    bytes[0] = (char)((0xF00U >> length & 0xF0U) | c); /* 110xxxxx, 1110xxxx, 11110xxx */
    return length;
}
