/* base/span.c - Making spans of texts, and comparing two spans. */
#include "base/span.h"

#include <string.h>

struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, text ? (uint32_t)strlen(text) : 0};
}

bool span_equal(struct span a, struct span b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

bool span_is(struct span span, const char *text)
{
    return span_equal(span, span_of(text));
}
