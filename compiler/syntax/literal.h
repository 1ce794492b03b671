/* compiler/syntax/literal.h - The values of numbers, durations, dates, times and escapes, from the text of a source. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* Each function sets the value of a text whose form the scanner has checked. It returns false where there is no such
 * value: the number is too large, or there is no such day. A duration, date or time is in microseconds. */
bool literal_float(struct arena *, const char *text, size_t length, double *value);
bool literal_percent(const char *text, size_t length, int64_t *hundredths); /* 0.25% is 25 */
/* for 2026-03-02: the time since 1970, as if in UTC */
bool literal_date(const char *text, int64_t *us);

/* Would the text be an int without its quotes? True: the text has digits only, and no more than an int can have. */
bool literal_is_digits(const char *text);

/* Writes a code point as UTF-8 and returns the number of bytes; 0 for a surrogate, NUL, or a number that is too large.
 */
size_t literal_code_point(uint32_t code_point, char bytes[4]);
