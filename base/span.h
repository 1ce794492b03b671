/* base/span.h - Borrowed bytes with their length: a text, or anything. Nobody owns them by this. */
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

struct span span_of(const char *text); /* borrowed, without the final zero */
bool span_equal(struct span, struct span);
bool span_is(struct span, const char *text);

#ifdef __cplusplus
}
#endif

#endif
