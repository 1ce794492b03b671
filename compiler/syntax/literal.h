/* compiler/syntax/literal.h - What numbers, durations, dates, times and escapes in a text are worth. */
#ifndef COMPILER_LITERAL_H
#define COMPILER_LITERAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* Each is false where the text is well-formed but has no value: too large, no such day. */
bool literal_integer(const char *text, size_t length, int64_t *value);
bool literal_float(struct arena *, const char *text, size_t length, double *value);
bool literal_duration(const char *text, size_t length, int64_t *us); /* 1h30m: units from large to small, each once */
bool literal_percent(const char *text, size_t length, int64_t *hundredths); /* 0.25% is 25 */
bool literal_date(const char *text, int64_t *us);                           /* 2026-03-02: since 1970, as if in UTC */
bool literal_time(const char *text, size_t length, int64_t *us);            /* 08:00, 08:00:30: since midnight */

/* A text that would be an int, were it not in quotes: of digits only, no more than an int has. */
bool literal_is_digits(const char *text);

/* UTF-8 of a code point into at most 4 bytes; 0 where it is none (a surrogate, too large, NUL). */
size_t literal_code_point(uint32_t code_point, char bytes[4]);

#endif
