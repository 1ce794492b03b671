/* compiler/import/number.h - Numbers that a source writes out: a text is one as a whole, or it is none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { NUMBER_DIGITS = 15 /* so many every number of ECMAScript keeps */ };

/* Is the whole text a number of digits, `most` at the most? Then sets `number`. */
bool number_read(const char *text, size_t length, long long most, long long *number);
