/* compiler/import/number.h - Literal numbers of a source: a text is a number as a whole, or it is none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { NUMBER_DIGITS = 15 /* every number of ECMAScript is exact for this many digits */ };

/* Is the whole text a number of digits, no larger than `most`? Then sets `number`. */
bool number_read(const char *text, size_t length, long long most, long long *number);
