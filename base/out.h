/* base/out.h - A text in memory to which one appends; it grows as needed. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct out {
    char *bytes; /* the text, with a final zero; NULL before anything was appended */
    size_t length, capacity;
};
void out_free(struct out *);
void out_put(struct out *, const char *bytes, size_t length);
void out_text(struct out *, const char *);
void out_format(struct out *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void out_json(struct out *, struct span); /* in quotes, escaped */
/* Appends a time as "2026-11-22 03:15:00.123", in UTC, with `between` between day and time. */
void out_moment(struct out *, int64_t wall_us, char between);
