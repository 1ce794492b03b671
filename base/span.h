/* base/span.h - A pointer to bytes, a text or other data, with their length. A span does not own the bytes. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct span {
    const uint8_t *bytes;
    uint32_t length;
};

struct span span_of(const char *text); /* a span of the text, borrowed, without the final zero */
bool span_equal(struct span, struct span);
bool span_is(struct span, const char *text);

#ifdef __cplusplus
}
#endif

#endif
