/* compiler/recovery/braces.h - Finds the brace without a partner in a text whose braces do not balance, by the
 * indentation of its lines.
 *
 * The parser notices a forgotten brace far after its place, and often more than once. People indent their texts: a
 * block ends on the line that opened it, or on a line with the same indentation. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct odd_brace {
    bool found;
    bool open; /* true: the '{' at `at` is not closed; false: a '{' is missing in the line at `at` */
    size_t at;
};

/* Returns the first brace without a partner after the offset `from`, which must be outside of all braces. None is
 * found where the braces of every declaration balance, or where a string without an end makes the braces uncertain. */
struct odd_brace braces_odd(const char *text, size_t length, size_t from);
